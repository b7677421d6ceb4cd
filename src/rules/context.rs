//! What an evaluation is told besides the model, and what it asks to have read.

use crate::model::{Metric, ResourceId, Text};

/// What rules need to know that no API tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleContext {
    /// The month's budget in US dollars. `None`: rules that compare with it do not apply.
    pub budget: Option<f64>,
    /// What an unknown past counts for.
    pub mode: EvalMode,
    /// How CloudWatch's alarms are looked at.
    pub window: AlarmWindow,
}

/// The window through which an alarm of a period over a minute is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlarmWindow {
    /// Each minute the periods that end then, as `CloudWatch` does it.
    #[default]
    Sliding,
    /// Periods on the clock's grid: one look a period, which costs less.
    Grid,
}

/// What an unknown past counts for where a rule looks back further than anything was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EvalMode {
    /// More readings will come: wait for them.
    #[default]
    Live,
    /// There is only this one look: what was not seen to be good is taken to have been as it is now, and what was not
    /// read by now is blind.
    OneShot,
}

/// A metric that some rule needs read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetricDemand {
    /// Whose.
    pub resource: ResourceId,
    /// Which.
    pub metric: Metric,
    /// Where `CloudWatch` keeps it: names and values, sorted by name.
    pub dimensions: Vec<(Text, Text)>,
    /// How far back it must be read at least, in seconds, for what is compared with the past; 0 for as far as is usual.
    pub history: u32,
    /// Whether it is waited for though it may have no point for long: what its absence counts for, or what else stands
    /// beside it in an expression, is compared all the while, and so are the alarms of `CloudWatch` that read it.
    pub awaited: bool,
}
