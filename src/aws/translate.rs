//! Small translations that every service needs.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::model::Text;

/// Most pages of one listing: 1,000 a page is far beyond what the model keeps.
pub(super) const MAX_PAGES: u32 = 500;

/// A time of the SDK's, if the model can hold it.
pub(super) fn time(at: &DateTime) -> Option<Timestamp> {
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}

/// A time for the SDK.
pub(super) fn sdk_time(at: Timestamp) -> DateTime {
    DateTime::from_secs(at.as_second())
}

/// Text, empty where there is none.
pub(super) fn text(raw: Option<&str>) -> Text {
    raw.map(Text::from).unwrap_or_default()
}

/// Texts of a list of strings.
pub(super) fn texts(raw: &[String]) -> Vec<Text> {
    raw.iter().map(Text::from).collect()
}

/// A size or count: what is negative or not said is 0.
pub(super) fn count(raw: Option<i32>) -> u32 {
    raw.and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}
