//! The signature a request presents, before anything about it is believed.

use burgward_types::Timestamp;
use http::HeaderMap;
use time::format_description::well_known::Rfc2822;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::{AuthError, CredentialScope, Head, Payload, encode::decode};

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned URL.
    Query,
}

/// A signature as presented.
#[derive(Clone, Debug)]
pub struct Presented {
    /// Where it stands.
    pub place: Place,
    /// The key it claims.
    pub access_key_id: String,
    /// The scope it claims.
    pub scope: CredentialScope,
    /// The session token that came with it.
    pub token: Option<String>,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// How long a presigned URL is good, in seconds.
    pub expires: Option<u32>,
    pub(crate) amz_date: String,
    pub(crate) signed_headers: String,
    pub(crate) signature: String,
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

fn incomplete(text: &str) -> AuthError {
    AuthError::Incomplete(text.to_owned())
}

impl Presented {
    /// Finds the signature of a request; `None` if it carries no credentials at all.
    pub fn read(head: &Head<'_>) -> Result<Option<Self>, AuthError> {
        let headers = head.headers;
        let mut authorizations = headers.get_all("authorization").iter();
        let authorization = authorizations.next();
        if authorizations.next().is_some() {
            return Err(incomplete("there is more than one `Authorization` header"));
        }
        let query = QueryParams::read(head.query)?;
        match (authorization, query.any()) {
            (Some(_), true) => Err(incomplete("the request is signed in its header and in its query")),
            (Some(value), false) => {
                let value = value.to_str().map_err(|_| incomplete("the `Authorization` header is not text"))?;
                Self::from_header(value, headers).map(Some)
            }
            (None, true) => Self::from_query(query).map(Some),
            (None, false) => Ok(None),
        }
    }

    fn from_header(value: &str, headers: &HeaderMap) -> Result<Self, AuthError> {
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        if scheme != ALGORITHM {
            return Err(AuthError::Scheme(scheme.chars().take(40).collect()));
        }
        let (mut credential, mut signed, mut signature) = (None, None, None);
        for part in rest.split(',') {
            let (name, value) =
                part.trim().split_once('=').ok_or_else(|| incomplete("the `Authorization` header is malformed"))?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed,
                "Signature" => &mut signature,
                _ => return Err(incomplete("the `Authorization` header has an unknown part")),
            };
            if slot.replace(value).is_some() {
                return Err(incomplete("the `Authorization` header names a part twice"));
            }
        }
        let (Some(credential), Some(signed), Some(signature)) = (credential, signed, signature) else {
            return Err(incomplete(
                "the `Authorization` header requires `Credential`, `SignedHeaders` and `Signature`",
            ));
        };
        let (amz_date, signed_at) = header_date(headers, signed)?;
        let token = one_header(headers, "x-amz-security-token")?.map(str::to_owned);
        let (id, scope) = CredentialScope::split(credential)?;
        Ok(Self {
            place: Place::Header,
            access_key_id: id.to_owned(),
            scope,
            token,
            signed_at,
            expires: None,
            amz_date,
            signed_headers: signed.to_owned(),
            signature: signature.to_owned(),
        })
    }

    fn from_query(query: QueryParams) -> Result<Self, AuthError> {
        if query.v2 {
            return Err(AuthError::Scheme("AWS (signature version 2)".to_owned()));
        }
        let algorithm = query.algorithm.ok_or_else(|| incomplete("`X-Amz-Algorithm` is missing"))?;
        if algorithm != ALGORITHM {
            return Err(AuthError::Scheme(algorithm.chars().take(40).collect()));
        }
        let credential = query.credential.ok_or_else(|| incomplete("`X-Amz-Credential` is missing"))?;
        let amz_date = query.date.ok_or_else(|| incomplete("`X-Amz-Date` is missing"))?;
        let expires = query.expires.ok_or_else(|| incomplete("`X-Amz-Expires` is missing"))?;
        let expires = if expires.len() <= 7 { expires.parse().ok() } else { None };
        let (id, scope) = CredentialScope::split(&credential)?;
        Ok(Self {
            place: Place::Query,
            access_key_id: id.to_owned(),
            scope,
            token: query.token,
            signed_at: parse_amz_date(&amz_date).ok_or_else(|| incomplete("`X-Amz-Date` is no date"))?,
            expires: Some(expires.ok_or_else(|| incomplete("`X-Amz-Expires` is not a number of at most 604800"))?),
            amz_date,
            signed_headers: query.signed_headers.ok_or_else(|| incomplete("`X-Amz-SignedHeaders` is missing"))?,
            signature: query.signature.ok_or_else(|| incomplete("`X-Amz-Signature` is missing"))?,
        })
    }

    /// What the request says of its payload.
    pub fn payload(&self, head: &Head<'_>) -> Result<Payload, AuthError> {
        let claim = one_header(head.headers, "x-amz-content-sha256")?;
        Payload::read(claim, self.place, &self.scope.service)
    }
}

/// A header that must not occur twice.
pub(crate) fn one_header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, AuthError> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(AuthError::Incomplete(format!("the header `{name}` occurs twice")));
    }
    first.to_str().map(Some).map_err(|_| AuthError::Incomplete(format!("the header `{name}` is not text")))
}

/// The time of a request signed in its header: `x-amz-date`, else `date`, which then has to be signed.
fn header_date(headers: &HeaderMap, signed: &str) -> Result<(String, Timestamp), AuthError> {
    if let Some(text) = one_header(headers, "x-amz-date")? {
        let at = parse_amz_date(text).ok_or_else(|| incomplete("`x-amz-date` is no date"))?;
        return Ok((text.to_owned(), at));
    }
    let text = one_header(headers, "date")?.ok_or_else(|| incomplete("`x-amz-date` or `date` is required"))?;
    if !signed.split(';').any(|name| name == "date") {
        return Err(AuthError::Unsigned("date".to_owned()));
    }
    let at = parse_amz_date(text)
        .or_else(|| OffsetDateTime::parse(text, &Rfc2822).ok().map(|at| Timestamp::from_secs(at.unix_timestamp())))
        .ok_or_else(|| incomplete("`date` is no date"))?;
    Ok((at.amz_date(), at))
}

/// Reads `20261122T123456Z`.
fn parse_amz_date(text: &str) -> Option<Timestamp> {
    if text.len() != 16 || text.get(8..9)? != "T" || !text.ends_with('Z') {
        return None;
    }
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u16>().ok()).flatten()
    };
    let small = |from: usize| digits(from, from + 2).and_then(|n| u8::try_from(n).ok());
    let month = Month::try_from(small(4)?).ok()?;
    let date = Date::from_calendar_date(i32::from(digits(0, 4)?), month, small(6)?).ok()?;
    let time = Time::from_hms(small(9)?, small(11)?, small(13)?).ok()?;
    Some(Timestamp::from_secs(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp()))
}

/// The signature's parameters in a query. A repeated one is refused.
#[derive(Default)]
struct QueryParams {
    algorithm: Option<String>,
    credential: Option<String>,
    date: Option<String>,
    expires: Option<String>,
    signed_headers: Option<String>,
    signature: Option<String>,
    token: Option<String>,
    v2: bool,
}

impl QueryParams {
    fn read(query: &str) -> Result<Self, AuthError> {
        let mut found = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name);
            let slot = match name.as_str() {
                "X-Amz-Algorithm" => &mut found.algorithm,
                "X-Amz-Credential" => &mut found.credential,
                "X-Amz-Date" => &mut found.date,
                "X-Amz-Expires" => &mut found.expires,
                "X-Amz-SignedHeaders" => &mut found.signed_headers,
                "X-Amz-Signature" => &mut found.signature,
                "X-Amz-Security-Token" => &mut found.token,
                "AWSAccessKeyId" | "Signature" => {
                    found.v2 = true;
                    continue;
                }
                _ => continue,
            };
            if slot.replace(decode(value)).is_some() {
                return Err(AuthError::Incomplete(format!("the query names `{name}` twice")));
            }
        }
        Ok(found)
    }

    fn any(&self) -> bool {
        self.v2
            || [
                &self.algorithm,
                &self.credential,
                &self.date,
                &self.expires,
                &self.signed_headers,
                &self.signature,
                &self.token,
            ]
            .into_iter()
            .any(Option::is_some)
    }
}
