//! URI encoding as SigV4 defines it: RFC 3986's unreserved characters stay, everything else is `%XX` in upper case.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn push_encoded(out: &mut Vec<u8>, byte: u8) {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
        out.push(byte);
    } else {
        out.push(b'%');
        out.extend([byte >> 4, byte & 15].iter().filter_map(|digit| HEX.get(usize::from(*digit))));
    }
}

fn hex_value(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Walks the bytes behind a percent-encoded text; a `%` that encodes nothing stands for itself.
fn decoded(text: &[u8], plus_is_space: bool) -> impl Iterator<Item = u8> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (byte, skip) = match rest {
            [b'%', high, low, ..] => match (hex_value(*high), hex_value(*low)) {
                (Some(high), Some(low)) => (high * 16 + low, 3),
                _ => (b'%', 1),
            },
            [b'+', ..] if plus_is_space => (b' ', 1),
            [byte, ..] => (*byte, 1),
            [] => return None,
        };
        rest = rest.get(skip..).unwrap_or(&[]);
        Some(byte)
    })
}

/// Encodes a text; with `slash` a `/` is encoded as well.
#[must_use]
pub fn encode(text: &str, slash: bool) -> String {
    let mut out = Vec::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte == b'/' && !slash {
            out.push(byte);
        } else {
            push_encoded(&mut out, byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Decodes `%XX` and `+` of a query's name or value.
#[must_use]
pub fn decode(text: &str) -> String {
    let bytes: Vec<u8> = decoded(text.as_bytes(), true).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// S3's path: decoded and encoded once, never normalized.
pub(crate) fn single_path(path: &str, out: &mut Vec<u8>) {
    for byte in decoded(path.as_bytes(), false) {
        if byte == b'/' { out.push(byte) } else { push_encoded(out, byte) }
    }
    if path.is_empty() {
        out.push(b'/');
    }
}

/// Every other service's path: dot segments and doubled slashes removed, then encoded once more as it was sent.
pub(crate) fn double_path(path: &str, out: &mut Vec<u8>) {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            name => kept.push(name),
        }
    }
    for segment in &kept {
        out.push(b'/');
        segment.bytes().for_each(|byte| push_encoded(out, byte));
    }
    if kept.is_empty() || path.ends_with('/') {
        out.push(b'/');
    }
}

/// The canonical query: every name and value decoded and encoded, sorted; `without` leaves one parameter out.
///
/// `+` counts as the space that form decoding makes of it, so that what is signed is what a service reads.
pub(crate) fn query(query: &str, without: Option<&str>, out: &mut Vec<u8>) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (recoded(name), recoded(value))
        })
        .filter(|(name, _)| without.is_none_or(|left_out| name != left_out.as_bytes()))
        .collect();
    pairs.sort_unstable();
    for (at, (name, value)) in pairs.iter().enumerate() {
        if at > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

fn recoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    decoded(text.as_bytes(), true).for_each(|byte| push_encoded(&mut out, byte));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn paths() {
        assert_eq!(text(|out| single_path("/b/a%20b//../%C3%BC~*", out)), "/b/a%20b//../%C3%BC~%2A");
        assert_eq!(text(|out| double_path("/a%20b/./x/../c//", out)), "/a%2520b/c/");
        assert_eq!(text(|out| double_path("", out)), "/");
    }

    #[test]
    fn queries_are_sorted_by_encoded_name_then_value() {
        assert_eq!(
            text(|out| query("b=2&a=%2f&a=+&Z&X-Amz-Signature=1", Some("X-Amz-Signature"), out)),
            "Z=&a=%20&a=%2F&b=2"
        );
    }
}
