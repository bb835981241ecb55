//! Pictures drawn on the server as inline SVG, each a pure function of a typed struct.
