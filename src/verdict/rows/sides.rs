//! Both sides of the gateway, in rows.

use super::flow::interface_name;
use crate::flow::key::PlaceInfo;
use crate::verdict::assemble::Options;
use crate::verdict::community_id;
use crate::verdict::outcome::Where;
use crate::verdict::ruling::Ruling;
use crate::verdict::sides::Broke;
use crate::verdict::subject::Subject;
use crate::verdict::summary::{Endpoint, Twin};

/// The conversation on the other side.
pub(super) fn twin(subject: &Subject<'_>, options: &Options<'_>) -> Option<Twin> {
    let twin = subject.twin?;
    let (ip, port) = twin.client;
    let protocol = subject.conversation.flow.key.protocol();
    let vlans = twin.place.vlans.as_slice();
    Some(Twin {
        id: community_id::of_flow(protocol, twin.client, subject.server()),
        client: Endpoint { ip, port },
        interface: interface_name(options, twin.place),
        vlan: (!vlans.is_empty()).then(|| vlans.to_vec()),
    })
}

/// Why an attempt ended as it did, and on which side of the gateway it broke.
pub(super) fn explanation(
    ruling: &Ruling,
    broke: Option<(Broke, PlaceInfo)>,
    options: &Options<'_>,
) -> Option<String> {
    let why = super::sentence(&ruling.why);
    let side = broke.map(|(broke, here)| sentence(&broke, here, options));
    [why, side]
        .into_iter()
        .flatten()
        .reduce(|why, side| format!("{why} {side}"))
}

/// On which side it broke, as a sentence.
fn sentence(broke: &Broke, here: PlaceInfo, options: &Options<'_>) -> String {
    let name = |place, otherwise: &str| {
        interface_name(options, place).unwrap_or_else(|| otherwise.to_owned())
    };
    let (here, there) = (
        name(here, "the client's side"),
        name(broke.other, "the other side"),
    );
    match broke.at {
        Where::DroppedInGateway => {
            format!("It came in at {here} and never left at {there}: this gateway dropped it.")
        }
        Where::NotForwardedBack => format!(
            "The server's packets came in at {there} and never left at {here}: this gateway did not forward them."
        ),
        Where::RejectedByGateway => format!(
            "What refused it was seen at {here} and never at {there}: this gateway sent it."
        ),
        Where::BeyondGateway => {
            format!(
                "At {there} it is the same: this gateway forwarded what it got, and the fault lies beyond it."
            )
        }
    }
}
