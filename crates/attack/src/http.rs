//! A small HTTPS client that trusts the app's own CA and nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::AttackError;

/// No answer is awaited longer.
const PATIENCE: Duration = Duration::from_secs(12);
/// No answer is read further.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What came back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

type Connection = SendRequest<Full<Bytes>>;

/// The client; connections are kept.
pub(crate) struct Client {
    tls: TlsConnector,
    idle: Mutex<HashMap<String, Vec<Connection>>>,
}

impl Client {
    pub(crate) fn new(ca_pem: &str) -> Result<Self, AttackError> {
        let bad = |error: &dyn std::fmt::Display| AttackError::Certificate(error.to_string());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            roots.add(certificate.map_err(|error| bad(&error))?).map_err(|error| bad(&error))?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), idle: Mutex::default() })
    }

    /// Sends a request whose URI is absolute.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Answer, String> {
        tokio::time::timeout(PATIENCE, self.exchange(request)).await.map_err(|_| "no answer in time".to_owned())?
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Answer, String> {
        let uri = request.uri().clone();
        let authority = uri.authority().ok_or("the URL names no host")?.as_str().to_owned();
        let mut connection = match self.take(&authority) {
            Some(connection) => connection,
            None => self.connect(&uri).await?,
        };
        let (mut head, body) = request.into_parts();
        if !head.headers.contains_key("host") {
            head.headers.insert("host", HeaderValue::from_str(&authority).map_err(|error| error.to_string())?);
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = path.parse().map_err(|_| "the path cannot be sent".to_owned())?;
        let request = Request::from_parts(head, Full::new(body));
        let response = connection.send_request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await.map_err(|error| error.to_string())?.to_bytes();
        self.keep(authority, connection);
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    fn take(&self, authority: &str) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle.get_mut(authority)?;
        kept.retain(Connection::is_ready);
        kept.pop()
    }

    fn keep(&self, authority: String, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.entry(authority).or_default().push(connection);
    }

    async fn connect(&self, uri: &Uri) -> Result<Connection, String> {
        let host = uri.host().ok_or("the URL names no host")?.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(443);
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| error.to_string())?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        // The task ends with the connection; its error reaches whoever waits for an answer.
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// A request out of parts that come from files and from tries: what cannot be sent is an error, not a panic.
pub(crate) fn request(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: Bytes,
) -> Result<Request<Bytes>, String> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|error| error.to_string())?;
        let value = HeaderValue::try_from(value.as_str()).map_err(|error| error.to_string())?;
        request = request.header(name, value);
    }
    request.body(body).map_err(|error| error.to_string())
}
