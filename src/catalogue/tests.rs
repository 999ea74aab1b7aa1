//! The shipped data holds together.

use super::*;

#[test]
fn every_profile_loads() {
    for &profile in Profile::ALL {
        assert!(
            !Catalogue::builtin(profile)
                .unwrap()
                .requirements()
                .is_empty()
        );
    }
}
