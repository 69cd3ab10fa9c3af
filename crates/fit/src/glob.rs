//! Patterns of ARNs: `*` for any text, `?` for one character.

/// Whether the pattern covers the text. A wildcard in the text is a character like others.
pub(crate) fn covers(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star, at)) = retry else { return false };
                retry = Some((star, at + 1));
                p = star + 1;
                t = at + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// Whether there is a wildcard in it.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Texts that a pattern covers, chosen so that a pattern of `*` alone which covers all of them covers the whole pattern:
/// one that has nothing for each wildcard, one that has a little, one that has much.
pub(crate) fn samples(pattern: &str) -> Vec<String> {
    if pattern == "*" || !is_pattern(pattern) {
        return vec![pattern.to_owned()];
    }
    let fill = |star: &str, one: &str| pattern.replace('*', star).replace('?', one);
    vec![fill("*", "?"), fill("", "x"), fill("x", "y"), fill("zz/yY-9._x/w", "0")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a?c", "ac", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b", "abc", false),
            ("b/*", "b/*", true),
        ] {
            assert_eq!(covers(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_narrower_pattern_does_not_cover_all_samples() {
        let all = |outer: &str, inner: &str| samples(inner).iter().all(|s| covers(outer, s));
        assert!(all("b/*", "b/x*") && all("*", "b/*") && all("b/a*", "b/a*"));
        assert!(!all("b/?", "b/*") && !all("b/??*", "b/*") && !all("b/x*", "b/*") && !all("*/x", "*"));
    }
}
