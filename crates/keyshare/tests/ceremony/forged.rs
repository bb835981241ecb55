//! Sealed packages made by somebody who knows the format: the carrier, or a dishonest holder.

use hpke::{
    Deserializable, Kem, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_seal_with_rng,
};
use sanctuary_keyshare::{KeyshareError, dkg::SealedPackage};
use sanctuary_types::lp;

use crate::{Table, rng, sign};

/// A package from holder 2 to holder 1 with any value, signed by holder `signer`.
fn forge(table: &Table, transcript: &[u8; 32], value: [u8; 32], signer: u16) -> SealedPackage {
    let ceremony = table.holders[0].id();
    let (from, to) = (2u16.to_be_bytes(), 1u16.to_be_bytes());
    let label: &[u8] = b"sanctuary/v1/dkg-package";
    let info = lp(&[label, ceremony, &from, &to]);
    let label: &[u8] = b"sanctuary/v1/dkg-package-sig";
    let signature = sign(signer)(&lp(&[label, ceremony, transcript, &from, &to, &value]));
    let recipient = &table.round1[0].sealing_key;
    let (encapsulated, ciphertext) =
        single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &<X25519HkdfSha256 as Kem>::PublicKey::from_bytes(recipient).unwrap(),
            &info,
            &[&value[..], &signature].concat(),
            transcript,
            &mut rng(3),
        )
        .unwrap();
    SealedPackage {
        from: 2,
        to: 1,
        encapsulated: encapsulated.to_bytes().into(),
        ciphertext,
    }
}

#[test]
fn false_values_are_refused_and_their_maker_named() {
    let mut table = Table::start(2, 3, 1);
    let set = table.round1.clone();
    let echoes: Vec<_> = [1, 2, 3].map(|i| table.echo(i, &set).unwrap()).to_vec();
    let transcript = echoes[0].transcript_sha256;
    let packages: Vec<_> = [1, 2, 3]
        .into_iter()
        .flat_map(|i| table.deal(i, &echoes).unwrap())
        .collect();
    let with_forged = |forged: SealedPackage| -> Vec<SealedPackage> {
        let others = packages.iter().filter(|p| (p.from, p.to) != (2, 1));
        others.cloned().chain([forged]).collect()
    };
    let refusal = |table: &mut Table, value, signer| {
        let forged = forge(table, &transcript, value, signer);
        table.finish(1, &with_forged(forged)).unwrap_err()
    };
    let mut one = [0; 32];
    one[0] = 1;
    // Holder 2 deals a value off its polynomial, or no scalar at all: its signature convicts it.
    let bad = KeyshareError::BadPackage { holder: 2 };
    assert_eq!(refusal(&mut table, one, 2), bad);
    assert_eq!(refusal(&mut table, [0xff; 32], 2), bad);
    // The carrier, or holder 3, seals something in holder 2's name: nobody blames holder 2 for it.
    let unsigned = KeyshareError::BadSignature { holder: 2 };
    assert_eq!(refusal(&mut table, one, 3), unsigned);
    assert!(table.finish(1, &packages).is_ok());
}
