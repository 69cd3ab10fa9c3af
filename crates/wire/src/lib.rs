//! The shapes of AWS's protocols on the wire: how an error and an answer look in JSON 1.0/1.1, Query/XML and REST-XML.
//!
//! Pure: values in, status, headers and bytes out.
//!
//! Sources: the protocol pages of Smithy, <https://smithy.io/2.0/aws/protocols/index.html>.

mod error;
mod protocol;
mod xml;

pub use error::{ErrorShape, Fault};
pub use protocol::{Encoded, Protocol};
pub use xml::{XmlWriter, escape};
