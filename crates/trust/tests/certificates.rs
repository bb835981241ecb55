//! What the authority writes into certificates, whatever the applicant asks for.

mod common;

use common::{DAY_MS, NOW, partnership, rng};
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use sanctuary_trust::{Authority, Leaf, LeafNames, PartyKind, spki_sha256, validity};
use sanctuary_types::Timestamp;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

fn greedy_request(key: &KeyPair) -> Vec<u8> {
    let mut params = CertificateParams::new(vec![
        "hub.sanctuary.internal".to_owned(),
        "*.example.org".to_owned(),
    ])
    .unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
    params.serialize_request(key).unwrap().der().to_vec()
}

fn leaf() -> Leaf {
    Leaf::new("police".parse().unwrap(), PartyKind::Agency, NOW)
}

#[test]
fn a_request_gets_nothing_it_asks_for_but_its_key() {
    let authority = Authority::generate(NOW, &mut rng(2)).unwrap();
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let der = authority
        .issue(&greedy_request(&key), &leaf(), &mut rng(3))
        .unwrap();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let constraints = certificate.basic_constraints().unwrap().unwrap().value;
    assert!(!constraints.ca, "the applicant became an authority");
    let names = &certificate
        .subject_alternative_name()
        .unwrap()
        .unwrap()
        .value
        .general_names;
    assert_eq!(
        names,
        &vec![GeneralName::DNSName("police.sanctuary.internal")]
    );
    let usage = certificate.key_usage().unwrap().unwrap().value;
    assert!(usage.digital_signature() && !usage.key_cert_sign() && !usage.crl_sign());
    let extended = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(extended.server_auth && extended.client_auth && !extended.code_signing);
    assert_eq!(certificate.subject().to_string(), "CN=police, OU=agency");
    // And the key is the applicant's.
    let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
    assert_eq!(
        spki_sha256(&der).unwrap(),
        <[u8; 32]>::from(Sha256::digest(spki))
    );
}

#[test]
fn certificates_hold_as_long_as_the_officers_say() {
    let authority = Authority::generate(NOW, &mut rng(2)).unwrap();
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let der = authority
        .issue(&greedy_request(&key), &leaf(), &mut rng(3))
        .unwrap();
    let held = validity(&der).unwrap();
    assert_eq!(
        (held.not_before, held.not_after),
        (NOW, Timestamp(NOW.0 + 14 * DAY_MS))
    );
    for days in [0, 398] {
        let leaf = Leaf { days, ..leaf() };
        assert!(
            authority
                .issue(&greedy_request(&key), &leaf, &mut rng(3))
                .is_err()
        );
    }
}

#[test]
fn officers_may_add_names() {
    let authority = Authority::generate(NOW, &mut rng(2)).unwrap();
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let names = LeafNames {
        dns: vec!["node.police.example".into()],
        ip: vec!["127.0.0.1".parse().unwrap()],
    };
    let der = authority
        .issue(
            &greedy_request(&key),
            &Leaf { names, ..leaf() },
            &mut rng(3),
        )
        .unwrap();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let names = &certificate
        .subject_alternative_name()
        .unwrap()
        .unwrap()
        .value
        .general_names;
    assert_eq!(names.len(), 3);
}

#[test]
fn bad_requests_are_refused() {
    let authority = Authority::generate(NOW, &mut rng(2)).unwrap();
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let good = greedy_request(&key);
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    let mut longer = good.clone();
    longer.push(0);
    let p384 = greedy_request(&KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap());
    for bad in [
        forged,
        longer,
        p384,
        Vec::new(),
        good[..good.len() / 2].to_vec(),
    ] {
        assert!(authority.issue(&bad, &leaf(), &mut rng(3)).is_err());
    }
}

#[test]
fn renewal_keeps_the_key_and_is_for_own_certificates_only() {
    let p = partnership();
    let police = p.member("police").unwrap();
    let later = Leaf {
        not_before: Timestamp(NOW.0 + 10 * DAY_MS),
        ..leaf()
    };
    let renewed = p
        .authority
        .renew(&police.chain[0], &later, &mut rng(4))
        .unwrap();
    assert_ne!(renewed, police.chain[0]);
    assert_eq!(spki_sha256(&renewed).unwrap(), police.party.spki_sha256);
    let stranger = Authority::generate(NOW, &mut rng(5)).unwrap();
    assert!(
        stranger
            .renew(&police.chain[0], &later, &mut rng(4))
            .is_err()
    );
}

#[test]
fn an_authority_survives_its_files_and_no_other_key_fits() {
    let p = partnership();
    let again = Authority::from_parts(p.authority.to_pkcs8(), p.authority.certificate()).unwrap();
    assert_eq!(again.certificate(), p.authority.certificate());
    let other = Authority::generate(NOW, &mut rng(5)).unwrap();
    assert!(Authority::from_parts(other.to_pkcs8(), p.authority.certificate()).is_err());
    assert_eq!(format!("{:?}", p.authority), "Authority(<redacted>)");
}
