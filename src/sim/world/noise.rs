//! Chance without state: a hash of what is asked for, so that any moment can be asked for in any order.

/// Mixes `value` into `hash` (the finaliser of `SplitMix64`).
pub(in crate::sim) const fn mix(hash: u64, value: u64) -> u64 {
    let mut z = hash ^ value.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Mixes a text into `hash` (FNV-1a, then [`mix`]).
pub(in crate::sim) fn mix_text(hash: u64, text: &str) -> u64 {
    let folded = text.bytes().fold(0xCBF2_9CE4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01B3));
    mix(hash, folded)
}

/// A number in 0..1 made of `hash`.
pub(in crate::sim) fn unit(hash: u64) -> f64 {
    (mix(hash, 1) >> 11) as f64 / (1u64 << 53) as f64
}

/// A number in -1..1 made of `hash`, small ones more often than large.
pub(in crate::sim) fn sway(hash: u64) -> f64 {
    unit(mix(hash, 2)) + unit(mix(hash, 3)) - 1.0
}

/// A whole number in 0..n made of `hash`.
pub(in crate::sim) fn below(hash: u64, n: u64) -> u64 {
    mix(hash, 4) % n.max(1)
}

/// `digits` hexadecimal digits made of `hash` (at most 32).
pub(in crate::sim) fn hex(hash: u64, digits: usize) -> String {
    let mut text = format!("{:016x}{:016x}", mix(hash, 5), mix(hash, 6));
    text.truncate(digits);
    text
}

/// A UUID made of `hash`.
pub(in crate::sim) fn uuid(hash: u64) -> String {
    let h = hex(hash, 32);
    format!("{}-{}-4{}-a{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..])
}
