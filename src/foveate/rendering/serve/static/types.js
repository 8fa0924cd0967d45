/**
 * What goes over the wire; `serve/wire.py`, `desk.py` and `panel.py` are the other side.
 *
 * @typedef {string | number} Value
 * @typedef {Record<string, Value>} Factors
 *
 * @typedef {object} Control
 * @property {string} name  of the factor
 * @property {string} label
 * @property {string} help
 * @property {string} unit
 * @property {Value} default
 * @property {string[]} [choices]  a list; what follows is of a slider
 * @property {number} [low]  the slider's reach
 * @property {number} [high]
 * @property {number} [step]
 * @property {number} [least]  what the factor may be
 * @property {number} [most]
 * @property {boolean} [whole]
 *
 * @typedef {{groups: {title: string, controls: Control[]}[], pixels: number, samples: number}} Panel
 *
 * @typedef {object} Seen  a picture with its truth
 * @property {number} width
 * @property {number} height
 * @property {string} image  PNG, base64
 * @property {string} mask  a byte a pixel, base64
 * @property {string} depth  16-bit little-endian centimetres, 65535 where there is none, base64
 * @property {{label: string, box: number[], mask_id: number, caption: string, area: number, visibility: number}[]} objects
 * @property {{subject: number, predicate: string, object: number}[]} relations
 * @property {string} caption
 * @property {Factors} factors  those that it shows
 * @property {number} seconds
 * @property {string} fault
 *
 * @typedef {Seen & {n: number, kind: "preview" | "full"}} Picture
 * @typedef {{n?: number, kind: "error", what: string, remedy: string}} Trouble
 * @typedef {{n: number, kind: "superseded"}} Superseded
 * @typedef {{kind: "worker", state: "idle" | "starting" | "rendering", lost: number}} WorkerState
 * @typedef {Picture | Trouble | Superseded | WorkerState} Message
 */
export {};
