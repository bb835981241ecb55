use std::collections::{BTreeMap, BTreeSet};

use sanctuary_figures::{
    Alone, Known, OwnCounts, PersonToken, Product, Refusal, Rule, Told, Traits,
};
use sanctuary_types::{PartyId, Pseudonym};

type Member = (PartyId, Pseudonym);

/// Puts agencies' counts and the groups of records of one person together: each group becomes one person
/// and leaves the counts of its agencies, so that who remains there is on one list only.
pub(super) fn combine(
    product: &Product,
    counts: &BTreeMap<PartyId, OwnCounts>,
    groups: &[Vec<Member>],
    token: impl Fn(&PartyId, Pseudonym) -> [u8; 16],
) -> Result<(Vec<Known>, Vec<Alone>), Refusal> {
    let mut alone = vec![Alone::default(); product.lists.len()];
    let mut told: BTreeMap<(&PartyId, Pseudonym), &Told> = BTreeMap::new();
    for (list, rest) in product.lists.iter().zip(&mut alone) {
        for agency in &list.agencies {
            let own = counts.get(agency).ok_or_else(|| Refusal {
                rule: Rule::Counts,
                reason: format!(
                    "The counts of {agency} for this window are not here yet. Its node has been asked: try again in a few minutes."
                ),
            })?;
            rest.join(&own.all);
            told.extend(own.told.iter().map(|t| ((agency, t.pseudonym), t)));
        }
    }
    let mut people = Vec::new();
    for group in groups {
        let members: Vec<(u8, &Member, &Told)> = group
            .iter()
            .filter_map(|member| {
                let told = told.get(&(&member.0, member.1))?;
                Some((product.list_of(&member.0)?, member, *told))
            })
            .collect();
        let agencies: BTreeSet<&PartyId> = members.iter().map(|(_, m, _)| &m.0).collect();
        if agencies.len() >= 2
            && let Some(person) = person(&members, &mut alone, &token)
        {
            people.push(person);
        }
    }
    Ok((people, alone))
}

fn person(
    members: &[(u8, &Member, &Told)],
    alone: &mut [Alone],
    token: &impl Fn(&PartyId, Pseudonym) -> [u8; 16],
) -> Option<Known> {
    let (_, first, _) = members
        .iter()
        .min_by_key(|(_, member, _)| (member.1, &member.0))?;
    let mut person = Known {
        token: PersonToken(token(&first.0, first.1)),
        victim_on: 0,
        suspect_on: 0,
        traits: Traits::UNKNOWN,
    };
    for (list, _, told) in members {
        // Whoever is told of was counted: `OwnCounts::from_json` made sure.
        alone.get_mut(usize::from(*list))?.take(told);
        person.victim_on |= u8::from(told.victim) << list;
        person.suspect_on |= u8::from(told.suspect) << list;
        person.traits = person.traits.merged(&Traits::from_code(told.traits));
    }
    Some(person)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_figures::{List, Sex, Window};

    fn product() -> Product {
        Product {
            area: "Area".to_owned(),
            year_begins: (1, 1),
            lists: [
                ("Police", vec!["police"]),
                ("Council", vec!["council", "health"]),
            ]
            .map(|(name, agencies)| List {
                name: name.to_owned(),
                agencies: agencies.iter().map(|a| a.parse().unwrap()).collect(),
            })
            .into(),
        }
    }

    fn counts(victims: u32, told: &[u8]) -> OwnCounts {
        let traits = Traits {
            sex: Sex::Male,
            ..Traits::UNKNOWN
        };
        let mut all = Alone::default();
        (0..victims).for_each(|_| all.add(true, false, &traits));
        OwnCounts {
            window: Window {
                from: "2026-01-01".parse().unwrap(),
                to: "2026-10-31".parse().unwrap(),
            },
            all,
            told: told
                .iter()
                .map(|n| Told {
                    pseudonym: Pseudonym([*n; 16]),
                    victim: true,
                    suspect: false,
                    traits: traits.code(),
                })
                .collect(),
        }
    }

    #[test]
    fn everybody_is_counted_once() {
        let party = |name: &str| -> PartyId { name.parse().unwrap() };
        let member = |name: &str, n: u8| (party(name), Pseudonym([n; 16]));
        let given = BTreeMap::from([
            (party("police"), counts(20, &[1, 2])),
            (party("council"), counts(10, &[3])),
            (party("health"), counts(5, &[4, 5])),
        ]);
        let groups = [
            vec![member("police", 1), member("council", 3)],
            // Two agencies of one list: one person on one list.
            vec![
                member("health", 4),
                member("council", 9),
                member("council", 3),
            ],
            // The other record was never told of: it stays a person of its own.
            vec![member("police", 2), member("health", 9)],
        ];
        // Groups do not overlap: council 3 is in the first only.
        let groups = [
            groups[0].clone(),
            vec![member("health", 4), member("health", 5)],
            groups[2].clone(),
        ];
        let token = |_: &PartyId, p: Pseudonym| p.0;
        let (people, alone) = combine(&product(), &given, &groups, token).unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!((people[0].victim_on, people[0].token.0), (3, [1; 16]));
        assert_eq!(
            alone.iter().map(|a| a.total().unwrap()).collect::<Vec<_>>(),
            [19, 14]
        );
        let mut missing = given;
        missing.remove(&party("health"));
        let refused = combine(&product(), &missing, &groups, token).unwrap_err();
        assert!(refused.reason.contains("health") && refused.rule == Rule::Counts);
    }
}
