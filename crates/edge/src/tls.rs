//! The local certificate authority, and TLS for every listener.
//!
//! The authority can only vouch for this machine: its certificate carries a critical name constraint (RFC 5280, section
//! 4.2.1.10) that permits `localhost` and loopback addresses alone, so that a client that trusts it trusts nothing else.
//! It is never put into a trust store; clients are handed its certificate.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use burgward_types::{Clock, Secret};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use time::Duration;

/// The name under which the authority's key is kept.
const KEY_NAME: &str = "edge/ca-key";
/// The name under which the authority's certificate is kept.
const CERTIFICATE_NAME: &str = "edge/ca-certificate";
const CA_DAYS: i64 = 3650;
const LEAF_DAYS: i64 = 397;

/// Why there is no certificate.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The key store failed.
    #[error("the certificate authority's key store failed: {0}")]
    Store(String),
    /// What the store holds is unusable.
    #[error(
        "the stored certificate authority is unusable: {0}\n  hint: restore the vault, or remove the authority to make a new one"
    )]
    Stored(String),
    /// A certificate could not be made.
    #[error("a certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A name lies outside what the authority may vouch for.
    #[error(
        "`{0}` is not a name of this machine\n  hint: certificates are issued for localhost, names under it, and loopback addresses"
    )]
    OutsideConstraints(String),
    /// rustls refused the configuration.
    #[error("TLS could not be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

/// Keeps the authority's key; the application puts it into the vault.
pub trait KeyStore: Send + Sync {
    /// The bytes under `name`, if there are any.
    fn load(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>, String>;
    /// Keeps bytes under `name`.
    fn save(&self, name: &str, bytes: &[u8]) -> Result<(), String>;
}

/// The local certificate authority.
pub struct LocalCa {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

impl std::fmt::Debug for LocalCa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalCa").finish_non_exhaustive()
    }
}

impl LocalCa {
    /// The authority that the store holds, or a new one that it then holds.
    pub fn open(store: &dyn KeyStore, clock: &dyn Clock) -> Result<Self, TlsError> {
        let key = store.load(KEY_NAME).map_err(TlsError::Store)?;
        let certificate = store.load(CERTIFICATE_NAME).map_err(TlsError::Store)?;
        match (key, certificate) {
            (Some(key), Some(certificate)) => Self::restore(key.expose(), certificate.expose().clone(), clock),
            (None, None) => Self::create(store, clock),
            // Half an authority means a damaged store; making a new one would hide that from clients that hold the old.
            (Some(_), None) => Err(TlsError::Stored("its certificate is missing".into())),
            (None, Some(_)) => Err(TlsError::Stored("its key is missing".into())),
        }
    }

    fn create(store: &dyn KeyStore, clock: &dyn Clock) -> Result<Self, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let params = ca_params(clock);
        let certificate = params.self_signed(&key)?;
        store.save(KEY_NAME, Secret::new(key.serialize_der()).expose()).map_err(TlsError::Store)?;
        store.save(CERTIFICATE_NAME, certificate.der()).map_err(TlsError::Store)?;
        let certificate = certificate.der().clone();
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    fn restore(key: &[u8], certificate: Vec<u8>, clock: &dyn Clock) -> Result<Self, TlsError> {
        let key = PrivatePkcs8KeyDer::from(key);
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256)
            .map_err(|error| TlsError::Stored(error.to_string()))?;
        Ok(Self { issuer: Issuer::new(ca_params(clock), key), certificate: CertificateDer::from(certificate) })
    }

    /// The authority's certificate, for clients to trust.
    #[must_use]
    pub fn certificate_der(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The same as PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &self.certificate);
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for (at, c) in body.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                pem.push('\n');
            }
            pem.push(c);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }

    /// A fresh key and certificate for `localhost`, the loopback addresses and further names under `localhost`.
    pub fn server_tls(&self, further_names: &[&str], clock: &dyn Clock) -> Result<ServerTls, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let leaf = leaf_params(further_names, clock)?.signed_by(&key, &self.issuer)?;
        let chain = vec![leaf.der().clone(), self.certificate.clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(ServerTls(Arc::new(config)))
    }
}

/// TLS of a listener: made by [`LocalCa::server_tls`] alone, so that no listener runs without it.
#[derive(Clone, Debug)]
pub struct ServerTls(pub(crate) Arc<ServerConfig>);

fn ca_params(clock: &dyn Clock) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("Burgward local CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".into()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(Ipv6Addr::LOCALHOST.octets(), 128)),
        ],
        excluded_subtrees: Vec::new(),
    });
    let now = clock.now().to_datetime();
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(CA_DAYS);
    params
}

fn leaf_params(further_names: &[&str], clock: &dyn Clock) -> Result<CertificateParams, TlsError> {
    let mut names = vec!["localhost"];
    for further in further_names {
        if !further.ends_with(".localhost") {
            return Err(TlsError::OutsideConstraints((*further).to_owned()));
        }
        names.push(further);
    }
    let mut params = CertificateParams::default();
    params.distinguished_name = name("localhost");
    for dns in names {
        params.subject_alt_names.push(SanType::DnsName(dns.try_into()?));
    }
    params.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    params.subject_alt_names.push(SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let now = clock.now().to_datetime();
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(LEAF_DAYS);
    Ok(params)
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Burgward");
    name.push(DnType::CommonName, common);
    name
}
