//! The threads behind a replay: one that reads on, after it went to where it is wanted, and one that looks for alerts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use super::checkpoints::Checkpoints;
use super::items::{Item, Items, What};
use crate::app::Watch;
use crate::model::Source;
use crate::rules::{RuleContext, RuleSet};
use crate::ui::Marks;

/// Items read ahead.
const AHEAD: usize = 512;
/// After how many items it is told how far a thread is.
const TOLD_EVERY: usize = 64;

/// What is to come of a recording.
#[derive(Debug)]
pub(in crate::app) struct Feed {
    items: mpsc::Receiver<Item>,
    head: Option<Item>,
    /// When what came last is of.
    last: Timestamp,
    /// Whether that was the end.
    ended: bool,
}

impl Feed {
    /// Reads `items` on a thread of its own.
    pub(super) fn start(items: Items) -> std::io::Result<Self> {
        let (out, incoming) = mpsc::channel(AHEAD);
        let began = items.began();
        std::thread::Builder::new().name("replay".into()).spawn(move || read_on(items, None, &out))?;
        Ok(Self::of(incoming, began))
    }

    /// What comes of `items`, after what is of `last`.
    pub(super) fn of(items: mpsc::Receiver<Item>, last: Timestamp) -> Self {
        Self { items, head: None, last, ended: false }
    }

    /// Takes in what came; nothing more comes after an end only. A reader that is gone without one is told of.
    fn came(&mut self, item: Option<Item>) {
        let broken = || Item { at: self.last, what: What::End(Some("the reading of it broke off".into())) };
        self.head = item.or_else(|| (!self.ended).then(broken));
        if let Some(item) = &self.head {
            (self.last, self.ended) = (item.at, matches!(item.what, What::End(_)));
        }
    }

    /// The next item, as soon as it was read. Nothing is lost when this is not waited for to its end.
    pub(super) async fn head(&mut self) -> Option<&Item> {
        if self.head.is_none() {
            let item = self.items.recv().await;
            self.came(item);
        }
        self.head.as_ref()
    }

    /// The next item, if it was read and is wanted.
    pub(super) fn take_if(&mut self, wanted: impl FnOnce(&Item) -> bool) -> Option<Item> {
        if self.head.is_none() {
            match self.items.try_recv() {
                Ok(item) => self.came(Some(item)),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => self.came(None),
            }
        }
        self.head.take_if(|item| wanted(item))
    }

    /// The next item, if it was read.
    pub(super) fn peek(&self) -> Option<&Item> {
        self.head.as_ref()
    }
}

fn read_on(items: Items, head: Option<Item>, out: &mpsc::Sender<Item>) {
    for item in head.into_iter().chain(items) {
        if out.blocking_send(item).is_err() {
            return;
        }
    }
}

/// What is left of a recording: the item that was one too far, and those after it.
type Rest = (Items, Option<Item>);

/// A way to another moment, on a thread of its own. It is given up when it is dropped.
#[derive(Debug)]
pub(in crate::app) struct Seek {
    pub(super) to: Timestamp,
    pub(super) from: Timestamp,
    pub(super) reached: Arc<AtomicI64>,
    given_up: Arc<AtomicBool>,
    pub(super) arrival: oneshot::Receiver<anyhow::Result<Arrival>>,
}

impl Drop for Seek {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
    }
}

/// What is there at the end of the way.
#[derive(Debug)]
pub(in crate::app) struct Arrival {
    /// When.
    pub(in crate::app) at: Timestamp,
    /// Where the way began: from then on it was lived through.
    pub(in crate::app) from: Timestamp,
    /// What is known and what is wrong then.
    pub(in crate::app) watch: Box<Watch>,
    /// What comes next, of a recording.
    pub(super) feed: Option<Feed>,
    /// Alerts that fired on the way.
    pub(in crate::app) marks: Marks,
}

/// Says how far one is, and whether to go on.
pub(super) struct Way {
    reached: Arc<AtomicI64>,
    given_up: Arc<AtomicBool>,
}

impl Way {
    /// Says that it is `at` by now. Whether nobody waits for it any more.
    pub(super) fn is_given_up(&self, at: Timestamp) -> bool {
        self.reached.store(at.as_second(), Ordering::Relaxed);
        self.given_up.load(Ordering::Relaxed)
    }
}

impl Seek {
    /// Goes `to` a moment by way of `go`, which begins at `from`.
    pub(super) fn start(
        from: Timestamp,
        to: Timestamp,
        go: impl FnOnce(&Way) -> anyhow::Result<Option<Arrival>> + Send + 'static,
        and_then: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (reached, given_up) = (Arc::new(AtomicI64::new(from.as_second())), Arc::new(AtomicBool::new(false)));
        let way = Way { reached: Arc::clone(&reached), given_up: Arc::clone(&given_up) };
        let (say, arrival) = oneshot::channel();
        std::thread::Builder::new().name("seek".into()).spawn(move || {
            if let Some(result) = go(&way).transpose() {
                let _ = say.send(result);
                and_then();
            }
        })?;
        Ok(Self { to, from, reached, given_up, arrival })
    }

    /// Goes to `to` in the recording `file`, from the nearest of `checkpoints` before it, else from its start.
    pub(super) fn in_recording(
        file: &Path,
        to: Timestamp,
        from: Timestamp,
        (rules, context): (RuleSet, RuleContext),
        checkpoints: &Checkpoints,
    ) -> std::io::Result<Self> {
        let file = file.to_owned();
        let checkpoint = checkpoints.before(to);
        let from = checkpoint.as_ref().map_or(from, |c| c.at);
        let (out, incoming) = mpsc::channel(AHEAD);
        let rest: Arc<Mutex<Option<Rest>>> = Arc::default();
        let left = Arc::clone(&rest);
        let go = move |way: &Way| {
            let (mut watch, mut items) = match &checkpoint {
                Some(known) => (Box::new(known.watch()), Items::from(&file, &known.place)?),
                None => (Box::new(Watch::new(rules, context)), Items::open(&file)?),
            };
            let (mut head, mut at) = (None, to);
            for (n, item) in items.by_ref().enumerate() {
                if item.at > to {
                    head = Some(item);
                    break;
                }
                if n.is_multiple_of(TOLD_EVERY) && way.is_given_up(item.at) {
                    return Ok(None);
                }
                if matches!(item.what, What::End(_)) {
                    // There is nothing after it to be at.
                    at = to.min(item.at);
                    head = Some(item);
                    break;
                }
                item.live(&mut watch);
            }
            *left.lock().unwrap_or_else(PoisonError::into_inner) = Some((items, head));
            let feed = Some(Feed::of(incoming, at));
            Ok(Some(Arrival { at, from, watch, feed, marks: Marks::default() }))
        };
        Self::start(from, to, go, move || {
            let rest = rest.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some((items, head)) = rest {
                read_on(items, head, &out);
            }
        })
    }
}

/// The alerts of a whole recording, while they are looked for.
#[derive(Debug)]
pub(super) struct Scan {
    found: Arc<Mutex<Scanned>>,
    given_up: Arc<AtomicBool>,
    looks: JoinHandle<()>,
}

/// Whether a recording was looked through.
#[derive(Clone, Debug)]
pub(super) enum ScanEnd {
    /// Not yet.
    Unknown,
    /// To its end.
    Whole,
    /// To where it breaks off, and why it does.
    Broken(String),
    /// No further, and why: where it ends is not known.
    Failed(String),
}

/// What was found so far.
#[derive(Clone, Debug)]
pub(super) struct Scanned {
    pub(super) marks: Marks,
    /// Up to where.
    pub(super) known: Timestamp,
    /// Whether that is the end.
    pub(super) end: ScanEnd,
    /// Whoever said anything.
    pub(super) sources: BTreeSet<Source>,
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
    }
}

impl Scan {
    /// Looks through the recording `file`.
    pub(super) fn start(
        file: PathBuf,
        began: Timestamp,
        rules: RuleSet,
        context: RuleContext,
        checkpoints: Checkpoints,
    ) -> std::io::Result<Self> {
        let (marks, sources) = (Marks::default(), BTreeSet::new());
        let found = Arc::new(Mutex::new(Scanned { marks, known: began, end: ScanEnd::Unknown, sources }));
        let given_up = Arc::new(AtomicBool::new(false));
        let (tell, stop) = (Arc::clone(&found), Arc::clone(&given_up));
        let looks = std::thread::Builder::new().name("marks".into()).spawn(move || {
            if let Err(error) = scan(&file, Watch::new(rules, context), &checkpoints, &tell, &stop) {
                let failed = ScanEnd::Failed(format!("{error:#}"));
                tell.lock().unwrap_or_else(PoisonError::into_inner).end = failed;
                tracing::warn!("the alerts of {} cannot be found: {error:#}", file.display());
            }
        })?;
        Ok(Self { found, given_up, looks })
    }

    /// What was found by now, if that is more than `known`; the end comes with everything.
    pub(super) fn news(&self, known: Timestamp) -> Option<Scanned> {
        // Asked first: what it had to say it has said by then.
        let gone = self.looks.is_finished();
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if gone && matches!(found.end, ScanEnd::Unknown) {
            found.end = ScanEnd::Failed("the search for its alerts broke off".into());
        }
        (found.known > known || !matches!(found.end, ScanEnd::Unknown)).then(|| found.clone())
    }
}

fn scan(
    file: &Path,
    mut watch: Watch,
    checkpoints: &Checkpoints,
    tell: &Mutex<Scanned>,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let (mut marks, mut sources) = (Vec::new(), BTreeSet::new());
    let mut items = Items::open(file)?;
    let mut n = 0;
    while let Some(item) = items.next() {
        marks.extend(item.live(&mut watch));
        checkpoints.lived(item.at, &items, &watch);
        n += 1;
        if let What::Observation(observation) = &item.what
            && !sources.contains(&observation.source)
        {
            sources.insert(observation.source.clone());
        }
        let end = match item.what {
            What::End(Some(why)) => ScanEnd::Broken(why),
            What::End(None) => ScanEnd::Whole,
            What::Observation(_) | What::Moment => ScanEnd::Unknown,
        };
        if matches!(end, ScanEnd::Unknown) && !usize::is_multiple_of(n, TOLD_EVERY) {
            continue;
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let mut found = tell.lock().unwrap_or_else(PoisonError::into_inner);
        for mark in marks.drain(..) {
            found.marks.take(&mark);
        }
        found.sources.clone_from(&sources);
        (found.known, found.end) = (item.at, end);
    }
    Ok(())
}
