//! Names of buckets.

/// Why S3 would refuse a name for a general purpose bucket.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
#[must_use]
pub fn bucket_name_fault(name: &str) -> Option<&'static str> {
    const PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !(3..=63).contains(&name.len()) {
        Some("it has fewer than 3 or more than 63 characters")
    } else if !name.chars().all(fits) {
        Some("it holds other characters than lowercase letters, digits, `.` and `-`")
    } else if !name.starts_with(edge) || !name.ends_with(edge) {
        Some("it does not begin and end with a letter or digit")
    } else if name.contains("..") {
        Some("it holds two periods side by side")
    } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
        Some("it looks like an IP address")
    } else if PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        Some("it begins with what AWS keeps for itself")
    } else if SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) {
        Some("it ends with what AWS keeps for itself")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_s3_takes_and_refuses() {
        let long = "a".repeat(64);
        for name in ["abc", "a.b-c", "1-2", long.get(..63).unwrap()] {
            assert_eq!(bucket_name_fault(name), None, "{name}");
        }
        for name in [
            "ab",
            &long,
            "Abc",
            "a_b",
            "-ab",
            "ab.",
            "a..b",
            "10.0.0.1",
            "xn--a",
            "sthree-a",
            "amzn-s3-demo-a",
            "a-s3alias",
            "a--ol-s3",
            "a.mrap",
            "a--x-s3",
            "a--table-s3",
            "äbc",
        ] {
            assert!(bucket_name_fault(name).is_some(), "{name}");
        }
    }
}
