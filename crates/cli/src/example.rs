//! The example app, as the binary holds it.

include!(concat!(env!("OUT_DIR"), "/example.rs"));
