//! Function packages: the code and its dependencies, built once and cached by content.

mod archive;
mod error;
mod interpreter;
mod pip;
mod requirements;

pub use archive::{Package, archive, unpack};
pub use error::PackageError;
pub use interpreter::Interpreter;
pub use pip::{Progress, build_function, digest, runtime_layer};
