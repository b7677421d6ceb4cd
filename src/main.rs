//! The awswatch binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    awswatch::app::main(std::env::args_os()).into()
}
