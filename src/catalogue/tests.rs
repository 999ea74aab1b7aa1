//! The shipped data holds together.

use super::*;

#[test]
fn every_profile_loads_and_its_places_are_its_identifiers() {
    for &profile in Profile::ALL {
        let catalogue = Catalogue::builtin(profile).unwrap();
        assert!(!catalogue.requirements().is_empty());
        for (place, requirement) in catalogue.requirements().iter().enumerate() {
            let id = catalogue.find(&requirement.pattern).unwrap();
            assert_eq!(id.index(), place);
            assert_eq!(catalogue.requirement(id), Some(requirement));
            assert_eq!(requirement.id, requirement.pattern.to_ascii_lowercase());
        }
    }
}

#[test]
fn a_name_of_every_pattern_belongs_to_it() {
    for &profile in Profile::ALL {
        let catalogue = Catalogue::builtin(profile).unwrap();
        for requirement in catalogue.requirements() {
            let name = requirement.pattern.replace('*', "7-x");
            let id = catalogue.find(&requirement.pattern);
            assert_eq!(catalogue.owner_of_name(name.as_bytes()), id, "{name}");
            for range in requirement.ports.ranges() {
                assert_eq!(
                    catalogue.owner(name.as_bytes(), range.transport(), range.low()),
                    id,
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn every_entry_says_everything_in_whole_sentences() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    for host in catalogue.hosts() {
        assert!(
            host.failure.ends_with('.') && !host.service.ends_with('.'),
            "{host:?}"
        );
        assert!(
            !host.ports.is_empty() && !host.groups.is_empty() && host.operator.is_some(),
            "{host:?}"
        );
        assert!(
            !host.sources.is_empty() && !host.editions.is_empty() && !host.profiles.is_empty(),
            "{host:?}"
        );
    }
    for port in catalogue.ports() {
        assert!(
            port.failure.ends_with('.') && !port.service.ends_with('.'),
            "{port:?}"
        );
        assert!(port.by_port || !(port.lan_only || port.radio), "{port:?}");
    }
    for process in catalogue.processes() {
        assert!(
            process.failure.ends_with('.') && !process.service.ends_with('.'),
            "{process:?}"
        );
    }
    for cause in catalogue.causes() {
        assert!(
            cause.meaning.ends_with('.')
                && cause.remedy.ends_with('.')
                && cause.check.ends_with(['?', '.']),
            "{cause:?}"
        );
    }
}

#[test]
fn error_numbers_point_at_hosts_that_are_listed() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    for pattern in catalogue.explanations.patterns() {
        assert!(catalogue.find(pattern).is_some(), "{pattern}");
    }
}
