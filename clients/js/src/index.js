export { ClientTools } from './client-tools.js';
export { Cursor } from './connection/cursor.js';
export { Outbox } from './connection/outbox.js';
export { Connection } from './connection/socket.js';
export { newId } from './ids.js';
export { Session, socketAddress } from './session.js';
export { initialState } from './state/conversation-state.js';
export { reduce } from './state/reducer.js';
