//! Physical names and ids: shaped as `CloudFormation` makes them, but a function of stack and logical id alone, so that
//! the same template has the same names at each start.

/// `stack-LogicalId-HASH`, at most `limit` characters.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html>
pub(crate) fn physical(stack: &str, logical_id: &str, limit: usize) -> String {
    let prefix: String = format!("{stack}-{logical_id}").chars().take(limit.saturating_sub(13)).collect();
    format!("{prefix}-{}", encode(stack, logical_id, 12, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
}

/// An id like those of API Gateway: lowercase letters and digits.
pub(crate) fn id(stack: &str, logical_id: &str, length: usize) -> String {
    encode(stack, logical_id, length, b"abcdefghijklmnopqrstuvwxyz0123456789")
}

fn encode(stack: &str, logical_id: &str, length: usize, alphabet: &[u8]) -> String {
    let mut state = fnv(stack.as_bytes().iter().chain(b"/").chain(logical_id.as_bytes()));
    let letter = |state: &mut u64| {
        *state = mix(*state);
        let at = usize::try_from(*state >> 33).unwrap_or(0) % alphabet.len();
        alphabet.get(at).copied().map_or('x', char::from)
    };
    (0..length).map(|_| letter(&mut state)).collect()
}

/// FNV-1a, 64 bits. Names need spreading, not secrecy.
fn fnv<'a>(bytes: impl Iterator<Item = &'a u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// A step of splitmix64.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
