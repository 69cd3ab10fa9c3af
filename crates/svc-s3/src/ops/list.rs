//! `ListObjects` and `ListObjectsV2`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use burgward_service::Permit;
use burgward_store::Scan;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto;
use s3s::{S3Result, s3_error};

use super::etag;
use crate::error::internal;
use crate::meta::{Object, timestamp};
use crate::state::{State, decode};
use crate::table as t;

/// What stays readable in a listing of encoding type `url`.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// How many entries are read at a time.
const PAGE: usize = 256;

/// What a listing asks for.
struct Query<'a> {
    bucket: &'a str,
    prefix: &'a str,
    delimiter: &'a str,
    /// Only what comes after it.
    after: &'a str,
    limit: usize,
}

/// One page of a listing.
#[derive(Default)]
struct Page {
    objects: Vec<(String, Object)>,
    prefixes: Vec<String>,
    /// The last key or prefix, if there is more.
    more: Option<String>,
}

impl Page {
    fn len(&self) -> usize {
        self.objects.len() + self.prefixes.len()
    }
}

fn page(state: &State, query: &Query<'_>) -> S3Result<Page> {
    state.bucket(query.bucket)?;
    let base = format!("s3/o/{}/", query.bucket);
    let within = Scan::prefix(format!("{base}{}", query.prefix), PAGE);
    let mut scan = within.clone().after(format!("{base}{}", query.after));
    let (mut page, mut last) = (Page::default(), String::new());
    loop {
        let entries = state.store.scan(&scan).map_err(internal)?;
        let Some(end) = entries.last() else { return Ok(page) };
        let mut next = within.clone().after(end.key.clone());
        for entry in &entries {
            let key = entry.key.get(base.len()..).unwrap_or_default();
            let key = std::str::from_utf8(key).map_err(internal)?;
            let group = common_prefix(key, query);
            if group.is_some_and(|group| query.after.starts_with(group) || last == group) {
                // Told before: go on behind everything that begins with it.
                next = behind(&within, &base, group.unwrap_or_default());
                break;
            }
            if page.len() >= query.limit {
                page.more = Some(last);
                return Ok(page);
            }
            if let Some(group) = group {
                page.prefixes.push(group.to_owned());
                group.clone_into(&mut last);
            } else {
                page.objects.push((key.to_owned(), decode(&entry.value)?));
                key.clone_into(&mut last);
            }
        }
        scan = next;
    }
}

/// The part of a key up to the first delimiter after the prefix.
fn common_prefix<'k>(key: &'k str, query: &Query<'_>) -> Option<&'k str> {
    if query.delimiter.is_empty() {
        return None;
    }
    let rest = key.get(query.prefix.len()..)?;
    let at = rest.find(query.delimiter)?;
    key.get(..query.prefix.len() + at + query.delimiter.len())
}

/// A scan that begins after all keys with a prefix.
fn behind(within: &Scan, base: &str, group: &str) -> Scan {
    let mut key = format!("{base}{group}").into_bytes();
    // Keys are UTF-8, which has no such byte.
    key.push(0xff);
    within.clone().from(key)
}

fn limit(max_keys: Option<i32>) -> S3Result<(i32, usize)> {
    let wanted = max_keys.unwrap_or(1000);
    let limit = usize::try_from(wanted)
        .map_err(|_| s3_error!(InvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647"))?;
    Ok((wanted.min(1000), limit.min(1000)))
}

/// Encodes names as the client asked for.
pub(crate) fn encoder(encoding: Option<&dto::EncodingType>) -> S3Result<fn(&str) -> String> {
    match encoding.map(dto::EncodingType::as_str) {
        None => Ok(str::to_owned),
        Some("url") => Ok(|name| utf8_percent_encode(name, KEPT).to_string()),
        Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request")),
    }
}

fn contents(page: &Page, encode: fn(&str) -> String, owner: Option<&dto::Owner>) -> Vec<dto::Object> {
    let one = |(key, object): &(String, Object)| dto::Object {
        key: Some(encode(key)),
        size: i64::try_from(object.size).ok(),
        e_tag: etag(&object.etag),
        last_modified: Some(timestamp(object.modified)),
        owner: owner.cloned(),
        storage_class: Some(dto::ObjectStorageClass::from_static(dto::ObjectStorageClass::STANDARD)),
        ..Default::default()
    };
    page.objects.iter().map(one).collect()
}

fn prefixes(page: &Page, encode: fn(&str) -> String) -> Vec<dto::CommonPrefix> {
    page.prefixes.iter().map(|prefix| dto::CommonPrefix { prefix: Some(encode(prefix)) }).collect()
}

pub(crate) fn objects(
    state: &State,
    permit: &Permit<t::ListObjects>,
    input: dto::ListObjectsInput,
) -> S3Result<dto::ListObjectsOutput> {
    let encode = encoder(input.encoding_type.as_ref())?;
    let (max_keys, limit) = limit(input.max_keys)?;
    let query = Query {
        bucket: &input.bucket,
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref().unwrap_or_default(),
        after: input.marker.as_deref().unwrap_or_default(),
        limit,
    };
    let page = if limit == 0 { Page::default() } else { page(state, &query)? };
    let owner = dto::Owner { id: Some(permit.scope().account.to_string()), ..Default::default() };
    Ok(dto::ListObjectsOutput {
        contents: Some(contents(&page, encode, Some(&owner))),
        common_prefixes: Some(prefixes(&page, encode)),
        is_truncated: Some(page.more.is_some()),
        // Told only with a delimiter; without one, clients go on from the last key.
        next_marker: page.more.filter(|_| !query.delimiter.is_empty()).map(|more| encode(&more)),
        max_keys: Some(max_keys),
        prefix: Some(encode(query.prefix)),
        marker: Some(encode(query.after)),
        delimiter: input.delimiter.as_deref().map(encode),
        encoding_type: input.encoding_type,
        name: Some(input.bucket),
        request_charged: None,
    })
}

pub(crate) fn objects_v2(
    state: &State,
    permit: &Permit<t::ListObjectsV2>,
    input: dto::ListObjectsV2Input,
) -> S3Result<dto::ListObjectsV2Output> {
    let encode = encoder(input.encoding_type.as_ref())?;
    let (max_keys, limit) = limit(input.max_keys)?;
    // A token says only where to go on: it gives nothing that `start-after` does not.
    let token = input.continuation_token.as_deref().map(|token| {
        let key = URL_SAFE_NO_PAD.decode(token).ok().and_then(|key| String::from_utf8(key).ok());
        key.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
    });
    let token = token.transpose()?;
    let query = Query {
        bucket: &input.bucket,
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref().unwrap_or_default(),
        after: token.as_deref().or(input.start_after.as_deref()).unwrap_or_default(),
        limit,
    };
    let page = if limit == 0 { Page::default() } else { page(state, &query)? };
    let owner = dto::Owner { id: Some(permit.scope().account.to_string()), ..Default::default() };
    let owner = Some(&owner).filter(|_| input.fetch_owner.unwrap_or(false));
    Ok(dto::ListObjectsV2Output {
        key_count: i32::try_from(page.len()).ok(),
        contents: Some(contents(&page, encode, owner)),
        common_prefixes: Some(prefixes(&page, encode)),
        is_truncated: Some(page.more.is_some()),
        next_continuation_token: page.more.map(|more| URL_SAFE_NO_PAD.encode(more)),
        max_keys: Some(max_keys),
        prefix: Some(encode(query.prefix)),
        delimiter: input.delimiter.as_deref().map(encode),
        start_after: input.start_after.as_deref().map(encode),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        name: Some(input.bucket),
        request_charged: None,
    })
}
