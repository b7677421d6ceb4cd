//! Instances.

use crate::model::{Detail, Instance, InstanceStatus};
use crate::ui::facts::{name_of, name_role};
use crate::ui::format::{UNKNOWN, short_duration};
use crate::ui::paint::{Paint, Spans};
use crate::ui::signals;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::{Column, level_bar};

use super::{Ctx, Form, Place, REGION, rows_in, scope_cell, short_zone};

pub(super) const COLUMNS: [Column<'static>; 16] = [
    Column::new("NAME", 8, 36, 0),
    Column::new("ID", 12, 20, 5),
    Column::new(REGION, 9, 24, 9),
    Column::new("TYPE", 6, 16, 4),
    Column::new("STATE", 7, 13, 2),
    Column::new("ZONE", 2, 18, 6),
    Column::new("CHECKS", 8, 20, 1),
    Column::new("CPU", 4, 5, 2).right(),
    Column::new("", 6, 10, 8).named("cpu-bar"),
    Column::new("GROUP", 8, 28, 5),
    Column::new("PRIVATE IP", 7, 15, 10),
    Column::new("AGE", 2, 5, 7).right().grows(),
    Column::new("PUBLIC IP", 7, 15, 9).extra(),
    Column::new("SUBNET", 8, 24, 8).extra(),
    Column::new("VPC", 8, 21, 8).extra(),
    Column::new("PLATFORM", 5, 16, 8).extra(),
];

/// Draws the instances.
pub(super) fn draw(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let form =
        Form { list: Listing::Instances, columns: &COLUMNS, right: None, what: "instances", under: 0, member: None };
    rows_in(p, ctx, at, &form, |p, item| {
        let Item::Resource(id) = item else { return Vec::new() };
        let Some(resource) = shown.model.resource(id) else { return Vec::new() };
        let Detail::Instance(instance) = &resource.detail else { return Vec::new() };
        let name = name_of(resource);
        let cpu = signals::cpu(shown.model, id, shown.now);
        let cpu_role = match cpu {
            Some(v) if v > 90.0 => Role::Crit,
            Some(v) if v > 80.0 => Role::Warn,
            _ => Role::Text,
        };
        let group = resource.tags.get("aws:autoscaling:groupName");
        let age = instance.launched.map(|at| short_duration(shown.now.duration_since(at)));
        vec![
            Spans::one(name.to_string(), p.style(name_role(shown, id))),
            Spans::one(id.id.to_string(), p.style(Role::Dim)),
            scope_cell(p, shown, id),
            Spans::one(instance.instance_type.to_string(), p.style(Role::Text)),
            Spans::one(instance.state.to_string(), p.style(state_role(&instance.state))),
            Spans::one(short_zone(&instance.zone).to_owned(), p.style(Role::Dim)),
            checks(p, instance),
            Spans::one(cpu.map_or(UNKNOWN.into(), |v| format!("{v:.0}%")), p.style(cpu_role)),
            cpu.map_or_else(Spans::default, |v| level_bar(p, v / 100.0, 10, p.style(cpu_role))),
            Spans::one(group.map_or(UNKNOWN.to_owned(), ToString::to_string), p.style(Role::Text)),
            Spans::one(instance.private_ip.to_string(), p.style(Role::Dim)),
            Spans::one(age.unwrap_or_else(|| UNKNOWN.into()), p.style(Role::Dim)),
            Spans::one(instance.public_ip.to_string(), p.style(Role::Dim)),
            Spans::one(instance.subnet.to_string(), p.style(Role::Dim)),
            Spans::one(instance.vpc.to_string(), p.style(Role::Dim)),
            Spans::one(instance.platform.to_string(), p.style(Role::Dim)),
        ]
    });
}

fn state_role(state: &str) -> Role {
    match state {
        "running" => Role::Ok,
        "pending" | "stopping" | "shutting-down" => Role::Pending,
        _ => Role::Dim,
    }
}

/// `2/2`, or which check is not well. An instance that does not run has none.
pub(in crate::ui) fn checks(p: &Paint<'_>, instance: &Instance) -> Spans {
    match &instance.status {
        None if instance.state == "running" => Spans::one("?", p.style(Role::Dim)),
        None => Spans::one(UNKNOWN, p.style(Role::Dim)),
        Some(status) => {
            let (text, role) = words(status);
            let mut spans = Spans::one(text, p.style(role));
            if !status.events.is_empty() {
                spans.push(" event", p.style(Role::Warn));
            }
            spans
        }
    }
}

fn words(status: &InstanceStatus) -> (String, Role) {
    let ok = usize::from(status.system == "ok") + usize::from(status.instance == "ok");
    match (status.failed(), ok) {
        (0, 2) => ("2/2 ok".into(), Role::Text),
        (0, _) if status.system == "initializing" || status.instance == "initializing" => {
            ("initializing".into(), Role::Pending)
        }
        (0, n) => (format!("{n}/2"), Role::Stale),
        (1, _) if status.system == "impaired" => ("system impaired".into(), Role::Crit),
        (1, _) => ("instance impaired".into(), Role::Crit),
        _ => ("both impaired".into(), Role::Crit),
    }
}
