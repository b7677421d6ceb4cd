//! The wire at its boundary: requests as clients send them, answers as clients read them.

mod accounts;
mod cloudwatch;
mod errors;
mod lists;
mod stories;
mod support;
