//! The system's curl: a client that nobody here has written.

use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

use crate::setup::House;

/// curl, and what it needs to speak with one house.
pub(crate) struct Curl {
    files: TempDir,
    origin: String,
}

impl Curl {
    /// curl with h2, if the machine has it.
    pub(crate) fn found(house: &House) -> Option<Self> {
        let version = std::process::Command::new("curl").arg("--version").output().ok();
        if !version.is_some_and(|version| String::from_utf8_lossy(&version.stdout).contains("HTTP2")) {
            println!("SKIPPED: this machine has no curl that speaks HTTP/2");
            return None;
        }
        let files = TempDir::new().unwrap();
        std::fs::write(files.path().join("ca.pem"), house.ca.certificate_pem()).unwrap();
        Some(Self { files, origin: format!("https://localhost:{}", house.serving.local_addr().port()) })
    }

    /// Posts a file of so many bytes. Gives how curl ended and what it printed: the answer's body and its status.
    pub(crate) async fn post(&self, path: &str, size: usize, arguments: &[&str]) -> (String, String) {
        let body = self.files.path().join("body");
        std::fs::write(&body, vec![b'a'; size]).unwrap();
        let mut curl = Command::new("curl");
        curl.args(["--disable", "--silent", "--show-error", "--noproxy", "*", "--write-out", " %{http_code}"])
            .args(["--header", "Expect:", "--header", "Content-Type: text/plain"])
            .arg("--cacert")
            .arg(self.files.path().join("ca.pem"))
            .args(arguments)
            .arg("--data-binary")
            .arg(format!("@{}", body.display()))
            .arg(format!("{}{path}", self.origin))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = curl.output().await.unwrap();
        let ended = format!("{} {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
        (ended, String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
