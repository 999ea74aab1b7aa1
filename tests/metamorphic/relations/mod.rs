//! The relations: one test each.

mod addresses;
mod copies;
mod links;
mod mixed;
mod noise;
mod numbers;
mod order;
mod parts;
mod segments;
mod times;

use super::frames::Recorded;
use super::promise::Frames;

/// Each frame by itself, changed or as it is.
fn each(frames: &[Recorded], change: impl Fn(&mut Recorded)) -> Frames {
    let mut all = frames.to_vec();
    for frame in &mut all {
        change(frame);
    }
    all
}
