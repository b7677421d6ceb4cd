//! One shot: `--check` for cron and Nagios.
//!
//! In: the model, the rules and the alerts after one pass. Out: lines of text and an exit code that is never 0 when
//! anything a rule needs could not be read.
