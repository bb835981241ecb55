use sanctuary_keyshare::{
    KeyshareError,
    dkg::{Ceremony, Member, Terms},
};
use sanctuary_types::{Epoch, KeyClass};

use crate::{Table, holder, rng, sign, terms};

#[test]
fn altered_first_messages_are_refused_and_named() {
    let mut table = Table::start(2, 3, 1);
    let right = table.round1.clone();
    let refusal = |table: &mut Table, change: &dyn Fn(&mut Vec<_>)| {
        let mut set = right.clone();
        change(&mut set);
        table.echo(1, &set).unwrap_err()
    };
    let unsigned = KeyshareError::BadSignature { holder: 2 };
    let last = right[1].package.len() - 1;
    assert_eq!(refusal(&mut table, &|s| s[1].package[last] ^= 1), unsigned);
    assert_eq!(refusal(&mut table, &|s| s[1].sealing_key[0] ^= 1), unsigned);
    assert_eq!(refusal(&mut table, &|s| s[1].signature[0] ^= 1), unsigned);
    // Signed by the wrong holder.
    let by_three = |s: &mut Vec<sanctuary_keyshare::dkg::Round1>| {
        s[1].signature = sign(3)(&s[1].signed_bytes());
    };
    assert_eq!(refusal(&mut table, &by_three), unsigned);
    let count = |holder| KeyshareError::MessageCount { holder };
    assert_eq!(refusal(&mut table, &|s| s.truncate(2)), count(3));
    assert_eq!(refusal(&mut table, &|s| s.push(s[1].clone())), count(2));
    assert_eq!(refusal(&mut table, &|s| s[2].index = 4), count(4));
    // Refusals leave the ceremony where it was.
    assert!(table.echo(1, &right).is_ok());
}

#[test]
fn packages_that_their_holder_made_wrongly_are_refused_and_named() {
    let mut table = Table::start(2, 3, 1);
    let resign = |table: &mut Table, change: &dyn Fn(&mut Vec<u8>)| {
        let mut set = table.round1.clone();
        change(&mut set[1].package);
        set[1].signature = sign(2)(&set[1].signed_bytes());
        set
    };
    let bad = KeyshareError::BadPackage { holder: 2 };
    for change in [
        &(|p: &mut Vec<u8>| p.clear()) as &dyn Fn(&mut Vec<u8>),
        &|p| p.push(0),
        &|p| p.truncate(20),
        &|p| p.resize(10_000, 0),
    ] {
        let set = resign(&mut table, change);
        assert_eq!(table.echo(1, &set).unwrap_err(), bad);
    }
    // A package of another degree: would silently raise the threshold.
    let (_, of_three) = Ceremony::start(terms(3, 3), 2, &mut rng(9), sign(2)).unwrap();
    let set = resign(&mut table, &|p| p.clone_from(&of_three.package));
    assert_eq!(table.echo(1, &set).unwrap_err(), bad);

    // A well-formed package with a false proof of knowledge: holder 2 passes holder 3's off as its
    // own. Found before anything is dealt to it.
    let stolen = table.round1[2].package.clone();
    let set = resign(&mut table, &|p| p.clone_from(&stolen));
    let echoes: Vec<_> = [1, 3].map(|i| table.echo(i, &set).unwrap()).to_vec();
    let mut all = vec![echoes[0].clone(), echoes[0].clone(), echoes[1].clone()];
    all[1].index = 2;
    all[1].signature = sign(2)(&all[1].signed_bytes());
    assert_eq!(table.deal(1, &all).unwrap_err(), bad);
}

#[test]
fn messages_of_another_ceremony_are_refused() {
    // Other terms: another id.
    let mut table = Table::start(2, 3, 1);
    let foreign = Table::start(3, 3, 1);
    let mut set = table.round1.clone();
    set[1].clone_from(&foreign.round1[1]);
    assert_eq!(
        table.echo(1, &set).unwrap_err(),
        KeyshareError::OtherCeremony { holder: 2 }
    );
    // The same terms at another time: the holder itself sees that its package is an old one.
    let earlier = Table::start(2, 3, 2);
    let mut set = table.round1.clone();
    set[1].clone_from(&earlier.round1[1]);
    assert!(table.echo(1, &set).is_ok(), "holder 1 cannot know");
    assert_eq!(
        table.echo(2, &set).unwrap_err(),
        KeyshareError::NotOurPackage { holder: 2 }
    );
}

#[test]
fn a_holder_that_shows_different_packages_is_found_before_dealing() {
    let mut table = Table::start(2, 3, 1);
    let (_, second_face) = Ceremony::start(terms(2, 3), 3, &mut rng(77), sign(3)).unwrap();
    let for_one = table.round1.clone();
    let mut for_two = table.round1.clone();
    for_two[2] = second_face;
    let echoes = [
        table.echo(1, &for_one).unwrap(),
        table.echo(2, &for_two).unwrap(),
        table.echo(3, &for_one).unwrap(),
    ];
    assert_eq!(
        table.deal(1, &echoes).unwrap_err(),
        KeyshareError::EchoDiffers { holder: 2 }
    );
    // The carrier cannot hide it by altering holder 2's echo.
    let mut altered = echoes.clone();
    altered[1].transcript_sha256 = echoes[0].transcript_sha256;
    assert_eq!(
        table.deal(1, &altered).unwrap_err(),
        KeyshareError::BadSignature { holder: 2 }
    );
}

#[test]
fn altered_missing_and_foreign_echoes_are_refused_and_named() {
    let mut table = Table::start(2, 3, 1);
    let echoes = table.echo_all();
    assert_eq!(
        table.deal(1, &echoes[..2]).unwrap_err(),
        KeyshareError::MessageCount { holder: 3 }
    );
    let mut foreign = echoes.clone();
    foreign[2].ceremony_id[0] ^= 1;
    assert_eq!(
        table.deal(1, &foreign).unwrap_err(),
        KeyshareError::OtherCeremony { holder: 3 }
    );
    assert!(table.deal(1, &echoes).is_ok());
}

#[test]
fn altered_dealt_packages_are_refused_and_named() {
    let mut table = Table::start(2, 3, 1);
    let packages = table.deal_all();
    let refusal = |table: &mut Table, change: &dyn Fn(&mut Vec<_>)| {
        let mut set: Vec<_> = packages.iter().filter(|p| p.to == 1).cloned().collect();
        change(&mut set);
        table.finish(1, &set).unwrap_err()
    };
    let damaged = KeyshareError::DamagedPackage { holder: 3 };
    assert_eq!(refusal(&mut table, &|s| s[1].ciphertext[3] ^= 1), damaged);
    assert_eq!(
        refusal(&mut table, &|s| s[1].ciphertext.truncate(9)),
        damaged
    );
    assert_eq!(refusal(&mut table, &|s| s[1].encapsulated[3] ^= 1), damaged);
    assert_eq!(refusal(&mut table, &|s| s[1].encapsulated.fill(0)), damaged);
    let count = |holder| KeyshareError::MessageCount { holder };
    assert_eq!(refusal(&mut table, &|s| s.truncate(1)), count(3));
    assert_eq!(refusal(&mut table, &|s| s.push(s[1].clone())), count(3));
    // Two senders' packages exchanged.
    let exchange = |s: &mut Vec<sanctuary_keyshare::dkg::SealedPackage>| {
        (s[0].from, s[1].from) = (s[1].from, s[0].from);
    };
    assert!(matches!(
        refusal(&mut table, &exchange),
        KeyshareError::DamagedPackage { .. }
    ));
    // After all that the right ones still give the share.
    assert!(table.finish(1, &packages).is_ok());
}

#[test]
fn steps_come_in_order_and_once() {
    let mut table = Table::start(2, 3, 1);
    let wrong = |expected| KeyshareError::WrongStep { expected };
    assert_eq!(table.deal(1, &[]).unwrap_err(), wrong("echo"));
    assert_eq!(table.finish(1, &[]).unwrap_err(), wrong("echo"));
    let set = table.round1.clone();
    let echoes = table.echo_all();
    assert_eq!(table.echo(1, &set).unwrap_err(), wrong("deal"));
    assert_eq!(table.finish(1, &[]).unwrap_err(), wrong("deal"));
    let mut packages: Vec<_> = table.deal(1, &echoes).unwrap();
    packages.extend(table.deal(2, &echoes).unwrap());
    packages.extend(table.deal(3, &echoes).unwrap());
    assert_eq!(table.deal(1, &echoes).unwrap_err(), wrong("finish"));
    assert!(table.finish(1, &packages).is_ok());
    assert_eq!(
        table.finish(1, &packages).unwrap_err(),
        wrong("nothing: it is over")
    );
}

#[test]
fn impossible_terms_are_refused() {
    let member = |index, of| Member {
        index,
        holder: holder(of),
    };
    let make = |threshold, members| Terms::new(KeyClass::Person, Epoch(1), threshold, members);
    for (threshold, members) in [
        (1, vec![member(1, 1), member(2, 2)]),
        (3, vec![member(1, 1), member(2, 2)]),
        (2, vec![member(2, 1), member(1, 2)]),
        (2, vec![member(1, 1), member(3, 2)]),
        (2, vec![member(1, 1), member(2, 1)]),
    ] {
        assert!(matches!(
            make(threshold, members),
            Err(KeyshareError::Terms(_))
        ));
    }
    let refused = Ceremony::start(terms(2, 3), 4, &mut rng(1), sign(4));
    assert!(matches!(refused, Err(KeyshareError::Terms(_))));
    let other_epoch = Terms::new(
        KeyClass::Person,
        Epoch(2),
        2,
        terms(2, 3).members().to_vec(),
    );
    assert_ne!(terms(2, 3).id(), other_epoch.unwrap().id());
}
