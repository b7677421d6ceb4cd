//! The awswatch binary.

fn main() {}
