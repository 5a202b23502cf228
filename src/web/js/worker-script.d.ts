// The worker's script; it exports nothing.
export {};
