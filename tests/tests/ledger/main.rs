//! The log of a running partnership, and everything that a thief or the hub's own operator may do to it:
//! changed, dropped, moved, put in, signed anew, stood still. The audit, the witnesses, the clients and a
//! verifier of another make each notice, and say which entry.

mod edited;
mod frozen;
mod scene;
mod signed_anew;
