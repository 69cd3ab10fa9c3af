//! Paths and queries: one reading of them for routing, authorization and events.

use percent_encoding::percent_decode_str;

/// Decodes percent-encoded unreserved characters and writes the others in capitals (RFC 3986, section 6.2.2).
///
/// Two spellings of one path must not reach two routes or two policy resources: `/%61dmin` is `/admin`.
pub(crate) fn normalise(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(char::from(byte)),
            Some(byte) => {
                out.push('%');
                out.push_str(&hex::encode_upper([byte]));
            }
            None => {
                out.push('%');
                rest = after;
                continue;
            }
        }
        rest = after.get(2..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// Decodes a path or a part of it; what is no UTF-8 becomes U+FFFD.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The parameters of a query string, decoded, in order.
pub(crate) fn query(raw: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    raw.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_one_path() {
        assert_eq!(normalise("/%61dmin/%2f%c3%BC/%zz%4"), "/admin/%2F%C3%BC/%zz%4");
        assert_eq!(normalise("/a%2e%2e/b"), "/a../b");
    }

    #[test]
    fn queries_decode() {
        let pairs = query("a=1&a=2%20x&b&=c&d=x+y&&e=%ff");
        let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text, ["a=1", "a=2 x", "b=", "=c", "d=x y", "e=\u{fffd}"]);
    }
}
