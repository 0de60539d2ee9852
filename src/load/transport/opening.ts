/** How every transport with sockets of its own goes about opening connections. */

/** Most that are opened beforehand; further ones are opened when they are needed. */
export const mostAhead = 64;
/** After a connection did not come about while others stand, those do the work for so long. */
export const holdOffMs = 250;
