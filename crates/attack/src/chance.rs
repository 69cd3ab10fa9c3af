//! Canaries: values that nobody knows before a try is made.

use burgward_sigv4::sha256_hex;
use burgward_types::RequestId;

/// Sixteen random hexadecimal digits.
pub(crate) fn word() -> String {
    sha256_hex(RequestId::random().as_str().as_bytes()).chars().take(16).collect()
}

/// A random number of four digits.
fn number() -> u32 {
    let digits: u32 = word().chars().filter_map(|c| c.to_digit(16)).fold(0, |sum, digit| (sum * 16 + digit) % 9000);
    1000 + digits
}

/// A product that is named nowhere in the request: who answers with it has computed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product(u32, u32);

impl Product {
    pub(crate) fn new() -> Self {
        Self(number(), number())
    }

    /// A shell command that prints it.
    pub(crate) fn command(self) -> String {
        format!("echo bw$(({}*{}))wb", self.0, self.1)
    }

    /// What the command prints.
    pub(crate) fn printed(self) -> String {
        format!("bw{}wb", self.0 * self.1)
    }
}
