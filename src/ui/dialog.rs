//! Dialogs about alerts: acknowledging, silencing, writing a note.
//!
//! One opens on what is selected; [`accept`] turns it into a [`Decision`] for the loop, which knows who decides and when.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::command::{Action, Command, Decision};
use super::facts;
use super::format::{counted, moment};
use super::paint::{Paint, Spans, to_u16};
use super::shown::Shown;
use super::text::{cut, width, wrap};
use super::theme::Role;
use super::view::{Item, ViewState};
use super::widgets::{Frame, pane};
use crate::alerts::{Alert, AlertId, BundleId, Field, Matcher, Phase, Silence};
use crate::model::{Kind, Scope, Text};

/// Longest line that can be typed, in bytes.
const MAX_INPUT: usize = 400;
/// How long a silence lasts, to choose from; any other can be typed.
const LASTS: [&str; 7] = ["15m", "30m", "1h", "4h", "8h", "1d", "7d"];

/// What a dialog is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asks {
    /// Who takes it on says something, or nothing.
    Acknowledge,
    /// What, how long, why.
    Silence,
    /// Whether the silence of this id should end.
    Expire(Text),
    /// A note.
    Note,
}

/// A line of a dialog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogField {
    /// What is asked for.
    pub label: String,
    /// What is typed.
    pub text: String,
    /// What is said where nothing is typed.
    pub hint: String,
}

/// A dialog that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialog {
    /// What for.
    pub asks: Asks,
    /// About which alerts.
    pub alerts: Vec<AlertId>,
    /// What they are called.
    pub about: String,
    /// What is asked.
    pub fields: Vec<DialogField>,
    /// Which of them is typed in.
    pub at: usize,
    /// What is wrong with what was typed.
    pub error: Option<String>,
}

impl Dialog {
    fn new(asks: Asks, alerts: &[&Alert], about: String, fields: &[(&str, &str, &str)]) -> Self {
        let field = |(label, text, hint): &(&str, &str, &str)| DialogField {
            label: (*label).into(),
            text: (*text).into(),
            hint: (*hint).into(),
        };
        let fields = fields.iter().map(field).collect();
        Self { asks, alerts: alerts.iter().map(|a| a.id.clone()).collect(), about, fields, at: 0, error: None }
    }

    /// Puts `text` behind what is typed.
    pub(super) fn insert(&mut self, text: &str) {
        self.error = None;
        if let Some(field) = self.fields.get_mut(self.at)
            && field.text.len() + text.len() <= MAX_INPUT
        {
            field.text.push_str(text);
        }
    }

    /// What a command does to the line that is typed in.
    fn edit(&mut self, command: Command) {
        self.error = None;
        let n = self.fields.len().max(1);
        let lasts = self.asks == Asks::Silence && self.at == 1;
        match command {
            Command::Up | Command::Down if lasts => {}
            Command::Complete | Command::Down => self.at = (self.at + 1) % n,
            Command::CompleteBack | Command::Up => self.at = (self.at + n - 1) % n,
            _ => {}
        }
        let Some(DialogField { text, .. }) = self.fields.get_mut(self.at) else { return };
        match command {
            Command::Erase => {
                let end = text.grapheme_indices(true).next_back().map_or(0, |(i, _)| i);
                text.truncate(end);
            }
            Command::EraseWord => {
                let kept = text.trim_end();
                let end = kept.rfind(char::is_whitespace).map_or(0, |i| i + 1);
                text.truncate(end);
            }
            Command::EraseLine => text.clear(),
            Command::Up | Command::Down if lasts => {
                let all = || LASTS.iter().filter_map(|l| Some((lasts_of(l)?, *l)));
                // From what was typed to the next of the choices.
                let next = match lasts_of(text) {
                    None => Some("1h"),
                    Some(now) if command == Command::Up => all().find(|(l, _)| *l > now).map(|(_, l)| l),
                    Some(now) => all().rfind(|(l, _)| *l < now).map(|(_, l)| l),
                };
                if let Some(next) = next {
                    next.clone_into(text);
                }
            }
            _ => {}
        }
    }
}

/// What `command` does while a dialog is open; nothing where none is, or where it means something else.
pub(super) fn step(view: &mut ViewState, command: Command) -> Option<Vec<Action>> {
    let dialog = view.dialog.as_mut()?;
    match command {
        Command::Accept => return Some(accept(view)),
        Command::Cancel => view.dialog = None,
        Command::Up | Command::Down => dialog.edit(command),
        _ if command.types() => dialog.edit(command),
        _ => return None,
    }
    Some(Vec::new())
}

/// The alerts that `item` is about, worst first, and what they are called together.
pub(super) fn alerts_of<'s>(item: &Item, shown: &'s Shown<'_>) -> (Vec<&'s Alert>, String) {
    let alerts = &shown.alerts;
    match item {
        Item::Alert(id) | Item::Transition(_, id) => {
            let found: Vec<&Alert> = alerts.active.iter().copied().filter(|a| a.id == *id).collect();
            let name = facts::name_of_id(shown.model, &id.resource);
            (found, format!("{} on {name}", id.rule))
        }
        Item::Bundle(id) => {
            let line = alerts.line(id);
            let below = line.map(crate::alerts::Line::below).unwrap_or_default();
            let name = alerts.bundle(id).map_or_else(String::new, |b| b.name.to_string());
            (alerts.active.iter().copied().filter(|a| below.contains(&a.id)).collect(), name)
        }
        Item::Resource(id) | Item::Pair(id, _) | Item::Metric(id, _) => {
            let name = facts::name_of_id(shown.model, id);
            (alerts.on(id).collect(), format!("everything on {name}"))
        }
        Item::Poller(source) => {
            let is_it = |a: &&&Alert| {
                a.id.resource.kind == Kind::Poller
                    && a.id.resource.scope == source.scope
                    && *a.id.resource.id == *source.poller.as_str()
            };
            (alerts.active.iter().filter(is_it).copied().collect(), source.poller.to_string())
        }
        Item::Event(..) | Item::Group(_) => (Vec::new(), String::new()),
    }
}

fn say(text: &str) -> Vec<Action> {
    vec![Action::Say(text.into())]
}

/// Acknowledges what is selected, or takes that back.
pub(super) fn acknowledge(view: &mut ViewState, item: Option<&Item>, shown: &Shown<'_>) -> Vec<Action> {
    let Some(item) = item else { return say("nothing is selected") };
    let (mut alerts, about) = alerts_of(item, shown);
    alerts.retain(|a| a.phase == Phase::Firing);
    if alerts.is_empty() {
        return say("there is no firing alert here to acknowledge");
    }
    if alerts.iter().all(|a| a.handling.ack.is_some()) {
        let back = alerts.iter().filter_map(|a| Some((a.id.clone(), a.handling.ack.as_ref()?.at))).collect();
        return vec![Action::Decide(Decision::TakeBack(back))];
    }
    alerts.retain(|a| a.handling.ack.is_none());
    view.dialog = Some(Dialog::new(Asks::Acknowledge, &alerts, about, &[("note", "", "may be empty")]));
    Vec::new()
}

/// Opens the dialog that silences what is selected, or the one that ends its silence.
pub(super) fn silence(view: &mut ViewState, item: Option<&Item>, shown: &Shown<'_>) -> Vec<Action> {
    let Some(item) = item else { return say("nothing is selected") };
    let (alerts, about) = alerts_of(item, shown);
    if let Some(id) = alerts.first().and_then(|a| a.handling.silence.clone())
        && alerts.iter().all(|a| a.handling.silence.is_some())
    {
        view.dialog = Some(Dialog::new(Asks::Expire(id), &alerts, about, &[]));
        return Vec::new();
    }
    let matchers: Vec<String> = matchers(item, &alerts, &shown.alerts.active).iter().map(ToString::to_string).collect();
    if matchers.is_empty() {
        return say("there is no alert and no resource here to silence");
    }
    let fields = [("which", &*matchers.join(" "), ""), ("for", "1h", ""), ("reason", "", "why it is silenced")];
    let mut dialog = Dialog::new(Asks::Silence, &alerts, about, &fields);
    dialog.at = 2;
    view.dialog = Some(dialog);
    Vec::new()
}

/// Opens the dialog that writes a note to the selected alert.
pub(super) fn note(view: &mut ViewState, item: Option<&Item>, shown: &Shown<'_>) -> Vec<Action> {
    let Some(item) = item else { return say("nothing is selected") };
    let (alerts, about) = alerts_of(item, shown);
    let id = alerts.first().map(|a| a.id.clone()).or_else(|| match item {
        Item::Alert(id) | Item::Transition(_, id) => Some(id.clone()),
        _ => None,
    });
    let Some(id) = id else { return say("there is no alert here to write a note to") };
    let mut dialog = Dialog::new(Asks::Note, &[], about, &[("note", "", "")]);
    dialog.alerts = vec![id];
    view.dialog = Some(dialog);
    Vec::new()
}

/// Matchers for what is selected, on which `alerts` are, among all that are `active`: the same name is something else in
/// another account or region.
fn matchers(item: &Item, alerts: &[&Alert], active: &[&Alert]) -> Vec<Matcher> {
    let exactly = |field, value: &str| Matcher::exactly(field, value).ok();
    let of = |scope: &Scope, fields: &[(Field, &str)]| -> Vec<Matcher> {
        let place = [(Field::Account, scope.account.as_str()), (Field::Region, scope.region.as_str())];
        fields.iter().cloned().chain(place).filter_map(|(f, v)| exactly(f, v)).collect()
    };
    match item {
        Item::Alert(id) | Item::Transition(_, id) | Item::Bundle(BundleId::Under(id)) => {
            // CloudWatch's alarm that it stands for says the same: it would come up in its place.
            let same = |a: &&&Alert| a.handling.hidden_by.as_ref() == Some(id) && a.id.resource.kind == Kind::Alarm;
            let alarms: Vec<&AlertId> = active.iter().filter(same).map(|a| &a.id).collect();
            if alarms.is_empty() {
                return of(&id.resource.scope, &[(Field::Rule, &id.rule), (Field::Name, &id.resource.id)]);
            }
            let any = |field, of: fn(&AlertId) -> &str| {
                let all: BTreeSet<String> =
                    std::iter::once(id).chain(alarms.iter().copied()).map(|id| globset::escape(of(id))).collect();
                Matcher::new(field, true, &format!("{{{}}}", Vec::from_iter(all).join(","))).ok()
            };
            let (rules, names) = (any(Field::Rule, |id| &id.rule), any(Field::Name, |id| &id.resource.id));
            rules.into_iter().chain(names).chain(of(&id.resource.scope, &[])).collect()
        }
        Item::Resource(id) | Item::Pair(id, _) | Item::Metric(id, _) => of(&id.scope, &[(Field::Name, &id.id)]),
        Item::Poller(source) => {
            of(&source.scope, &[(Field::Rule, "poller-blind"), (Field::Name, source.poller.as_str())])
        }
        Item::Event(..) | Item::Group(_) => Vec::new(),
        Item::Bundle(BundleId::Alike { rule, scope, kind, .. }) => {
            of(scope, &[(Field::Rule, rule), (Field::Kind, kind.as_str())])
        }
        Item::Bundle(BundleId::Rule { rule, of: group, .. }) if group.kind == Kind::AutoScalingGroup => {
            let tag = Field::Tag("aws:autoscaling:groupName".into());
            of(&group.scope, &[(Field::Rule, rule), (tag, &group.id)])
        }
        Item::Bundle(id) => {
            let names: Vec<String> = alerts.iter().map(|a| globset::escape(&a.id.resource.id)).collect();
            let one = |rule: &str| (alerts.iter().all(|a| *a.id.rule == *rule)).then(|| exactly(Field::Rule, rule));
            let rule = alerts.first().and_then(|a| one(&a.id.rule)).flatten();
            let place = match id {
                BundleId::Zone { scope, .. } | BundleId::Alike { scope, .. } => scope,
                BundleId::Rule { of: group, .. } => &group.scope,
                BundleId::Under(id) => &id.resource.scope,
            };
            let names = Matcher::new(Field::Name, true, &format!("{{{}}}", names.join(","))).ok();
            rule.into_iter().chain(names).chain(of(place, &[])).collect()
        }
    }
}

/// Takes what was typed. What is wrong with it stays in the dialog.
fn accept(view: &mut ViewState) -> Vec<Action> {
    let Some(dialog) = view.dialog.take() else { return Vec::new() };
    match decision(&dialog) {
        Ok(decision) => vec![Action::Decide(decision)],
        Err((at, error)) => {
            view.dialog = Some(Dialog { error: Some(error), at, ..dialog });
            Vec::new()
        }
    }
}

/// How long `text` says.
fn lasts_of(text: &str) -> Option<SignedDuration> {
    let span: Span = text.trim().parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// What was decided; or on which line something is wrong, and what.
fn decision(dialog: &Dialog) -> Result<Decision, (usize, String)> {
    let typed = |i: usize| Text::new(dialog.fields.get(i).map_or("", |f| f.text.trim()));
    match &dialog.asks {
        Asks::Acknowledge => Ok(Decision::Acknowledge { alerts: dialog.alerts.clone(), note: typed(0) }),
        Asks::Expire(id) => Ok(Decision::Expire(id.clone())),
        Asks::Note => match dialog.alerts.first() {
            Some(alert) if !typed(0).is_empty() => Ok(Decision::Note { alert: alert.clone(), text: typed(0) }),
            _ => Err((0, "there is nothing to note yet".into())),
        },
        Asks::Silence => {
            let matchers = Matcher::parse_all(&typed(0)).map_err(|e| (0, e.to_string()))?;
            Silence::check_matchers(&matchers).map_err(|e| (0, e.to_string()))?;
            let lasts = lasts_of(&typed(1));
            let lasts = lasts.ok_or_else(|| (1, "a duration is written like 30m, 4h, 1h30m or 2d".to_owned()))?;
            if lasts.is_zero() || lasts.is_negative() || lasts > crate::alerts::LONGEST_SILENCE {
                return Err((1, "a silence lasts from a second to a year".into()));
            }
            if typed(2).is_empty() {
                return Err((2, "say why, for whoever looks at it next".into()));
            }
            Ok(Decision::Silence { matchers, lasts, reason: typed(2) })
        }
    }
}

fn title(dialog: &Dialog) -> &'static str {
    match dialog.asks {
        Asks::Acknowledge => "Acknowledge",
        Asks::Silence => "Silence",
        Asks::Expire(_) => "End the silence",
        Asks::Note => "Note",
    }
}

/// That the alarms of CloudWatch that say the same go quiet too, where the alert stands for any.
fn alarm_below(dialog: &Dialog, shown: &Shown<'_>) -> Option<String> {
    let [id] = &dialog.alerts[..] else { return None };
    let line = shown.alerts.line(&BundleId::Under(id.clone()))?;
    match line.below().iter().filter(|b| b.resource.kind == Kind::Alarm).count() {
        0 => None,
        1 => Some("its CloudWatch alarm is silenced with it".into()),
        n => Some(format!("its {n} CloudWatch alarms are silenced with it")),
    }
}

/// What is said under the fields: what is wrong, else how it works.
fn words(dialog: &Dialog, shown: &Shown<'_>) -> (String, Role) {
    if let Some(error) = &dialog.error {
        return (error.clone(), Role::Warn);
    }
    let blind = |id: &AlertId| {
        let found = shown.alerts.active.iter().find(|a| a.id == *id);
        found.is_some_and(|a| a.level == crate::alerts::Level::Blind)
    };
    let text = match &dialog.asks {
        Asks::Acknowledge => "it still counts; it ends when the alert resolves or gets louder".to_owned(),
        Asks::Note => "it stays with the alert".to_owned(),
        Asks::Expire(id) => match shown.alerts.kept.and_then(|k| k.silence(id)) {
            Some(s) => {
                format!("{} until {} by {}: {}", s.what(), moment(s.until, shown.now, &shown.tz), s.author, s.reason)
            }
            None => "it is over".to_owned(),
        },
        Asks::Silence if dialog.alerts.iter().any(blind) => {
            "what cannot be read is silenced only by kind=poller, severity=blind or rule=poller-blind".to_owned()
        }
        Asks::Silence => {
            let fields = "fields: rule kind name region account severity tag.KEY label.KEY; * stands for anything";
            alarm_below(dialog, shown).map_or_else(|| fields.to_owned(), |with| format!("{with}; {fields}"))
        }
    };
    (text, Role::Dim)
}

/// Draws the dialog that is open over `body`.
pub(super) fn draw(p: &mut Paint<'_>, body: Rect, shown: &Shown<'_>, dialog: &Dialog) {
    let w = body.width.min(90);
    let boxed = body.width >= 60 && body.height >= 12;
    let frame = if boxed { Frame::Boxed } else { Frame::Ruled };
    let (text, role) = words(dialog, shown);
    let inside = usize::from(w.saturating_sub(4)).max(1);
    let said = wrap(&text, inside);
    let wanted =
        to_u16(dialog.fields.len() + said.len()) + frame.rows() + u16::from(boxed && !dialog.fields.is_empty());
    let h = wanted.min(body.height);
    let area = Rect { x: body.x + (body.width - w) / 2, y: body.y + (body.height - h) / 3, width: w, height: h };
    p.clear(area);
    p.tint(area, p.style(Role::Text));
    let mut head = Spans::one(title(dialog), p.style(Role::Title));
    head.push(format!("  {}", dialog.about), p.style(Role::Accent));
    if dialog.alerts.len() > 1 {
        head.push(format!("  {}", counted(dialog.alerts.len(), "alert")), p.style(Role::Dim));
    }
    let inner = pane(p, area, frame, &head, &Spans::default(), true);
    let label = dialog.fields.iter().map(|f| width(&f.label)).max().unwrap_or(0);
    let mut y = inner.y;
    for (i, field) in dialog.fields.iter().enumerate() {
        if y >= inner.bottom() {
            return;
        }
        let here = i == dialog.at;
        let mut line =
            Spans::one(format!("{:<label$}  ", field.label), p.style(if here { Role::Key } else { Role::Dim }));
        let room = usize::from(inner.width).saturating_sub(label + 4);
        let begun = cut(&field.text, room, p.glyphs().cut);
        // The end of what is typed is where one types.
        let mut shown_text: &str = if here { &field.text } else { &begun };
        while width(shown_text) > room {
            let Some((at, _)) = shown_text.grapheme_indices(true).nth(1) else { break };
            shown_text = &shown_text[at..];
        }
        line.push(shown_text.to_owned(), p.style(Role::Input));
        if here {
            line.push(if p.glyphs().cut == "~" { "_" } else { "▏" }, p.style(Role::Key));
        }
        if field.text.is_empty() {
            line.push(format!(" {}", field.hint), p.style(Role::Dim));
        } else if here && dialog.asks == Asks::Silence && i == 1 {
            let keys = p.look().keymap.keys_for(Command::Up, super::Context::Input).unwrap_or_default();
            line.push(format!("  {keys} longer: {}, or typed", LASTS.join(" ")), p.style(Role::Dim));
        }
        p.spans(inner.x, y, inner.width, &line);
        y += 1;
    }
    if boxed && !dialog.fields.is_empty() {
        y += 1;
    }
    for line in said {
        if y >= inner.bottom() {
            return;
        }
        p.text(inner.x, y, inner.width, &line, p.style(role));
        y += 1;
    }
}
