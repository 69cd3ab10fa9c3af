//! Paths and queries: one reading of them for routing, authorization and events.

use std::borrow::Cow;

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
        // `from_str_radix` alone would take a sign for a digit.
        let digits = after.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
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

/// One spelling of a part of a path, for policies: what may stand in a path as it is does, the rest is encoded.
///
/// `/%40a` and `/@a` reach the same function with the same parameter, so a policy must not tell them apart. `*` is
/// encoded: authorizers write the ARN that they were asked about into their policy, where it would be a wildcard.
pub(crate) fn one_spelling(part: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()+,;=:@".contains(&byte);
    if part.bytes().all(plain) {
        return Cow::Borrowed(part);
    }
    let mut out = String::with_capacity(part.len() + 8);
    for byte in percent_decode_str(part) {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
    Cow::Owned(out)
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
        assert_eq!(normalise("/x%+Ay%-1"), "/x%+Ay%-1");
    }

    #[test]
    fn one_spelling_for_policies() {
        for (sent, spelled) in
            [("a", "a"), ("%40a", "@a"), ("@a", "@a"), ("a%2fb", "a%2Fb"), ("%2A", "%2A"), ("*", "%2A")]
        {
            assert_eq!(one_spelling(sent), spelled);
        }
        assert_eq!(one_spelling("ü\"%zz"), one_spelling("%c3%bc%22%25zz"));
    }

    #[test]
    fn queries_decode() {
        let pairs = query("a=1&a=2%20x&b&=c&d=x+y&&e=%ff");
        let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text, ["a=1", "a=2 x", "b=", "=c", "d=x y", "e=\u{fffd}"]);
    }
}
