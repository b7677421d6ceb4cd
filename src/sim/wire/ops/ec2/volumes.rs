//! Volumes: the world's instances have one each, their root.

use super::super::Call;
use super::super::filter::{Filters, is_tag, of_tags};
use super::{all_found, ids_or_page, page, tag_set};
use crate::sim::wire::error::ApiError;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::Instance;

/// Gibibytes of a root volume, and what gp3 gives at that size.
const SIZE: i64 = 30;
const IOPS: i64 = 3000;
const THROUGHPUT: i64 = 125;

pub(in super::super) fn describe_volumes(call: &Call<'_>) -> Result<Value, ApiError> {
    const KNOWN: [&str; 6] =
        ["attachment.instance-id", "attachment.status", "availability-zone", "status", "volume-id", "volume-type"];
    let ids = call.params.texts("VolumeId")?;
    ids_or_page(call, &ids, "volumeIds")?;
    let filters = Filters::read(&call.params, "Filter", "Value", |f| is_tag(f) || KNOWN.contains(&f))?;
    let page = page(call, 5)?;
    let instances = call.world.instances(call.region, page.now);
    let all: Vec<(String, &Instance)> =
        instances.iter().filter(|i| i.state != "terminated").map(|i| (i.root_volume(), i)).collect();
    all_found(&ids, |id| all.iter().any(|(v, _)| v == id), "InvalidVolume.NotFound", "volume")?;
    let found = all
        .into_iter()
        .filter(|(id, _)| ids.is_empty() || ids.contains(id))
        .filter(|(id, i)| {
            filters.pass(|f| {
                of_tags(f, &i.tags).unwrap_or_else(|| {
                    vec![match f {
                        "attachment.instance-id" => &i.id,
                        "attachment.status" => "attached",
                        "availability-zone" => &i.zone,
                        "volume-id" => id,
                        "volume-type" => "gp3",
                        _ => "in-use",
                    }]
                })
            })
        })
        .collect();
    let (found, token) = page.cut(found);
    Ok(map([("volumeSet", list(found.iter().map(|(id, i)| volume(id, i))))]).and("nextToken", token))
}

fn volume(id: &String, i: &Instance) -> Value {
    let attachment = map([
        ("volumeId", id.into()),
        ("instanceId", (&i.id).into()),
        ("device", "/dev/xvda".into()),
        ("status", "attached".into()),
        ("attachTime", i.launched.into()),
        ("deleteOnTermination", true.into()),
    ]);
    map([
        ("volumeId", id.into()),
        ("size", SIZE.into()),
        ("snapshotId", "".into()),
        ("availabilityZone", (&i.zone).into()),
        ("status", "in-use".into()),
        ("createTime", i.launched.into()),
        ("attachmentSet", list([attachment])),
        ("tagSet", tag_set(&i.tags)),
        ("volumeType", "gp3".into()),
        ("iops", IOPS.into()),
        ("throughput", THROUGHPUT.into()),
        ("encrypted", true.into()),
        ("multiAttachEnabled", false.into()),
    ])
}
