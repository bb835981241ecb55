//! RFC 9497 appendix A.1.2, ristretto255-SHA512 in VOPRF mode, as data; lists are comma-separated
//! hexadecimal. Included by the tests of both sides.

pub(crate) const SEED: &str = "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3";
pub(crate) const KEY_INFO: &str = "74657374206b6579";
pub(crate) const SECRET_KEY: &str =
    "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
pub(crate) const PUBLIC_KEY: &str =
    "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";

pub(crate) struct Vector {
    pub(crate) inputs: &'static str,
    pub(crate) blinds: &'static str,
    pub(crate) blinded: &'static str,
    pub(crate) evaluated: &'static str,
    pub(crate) proof: &'static str,
    pub(crate) proof_nonce: &'static str,
    pub(crate) outputs: &'static str,
}

pub(crate) const VECTORS: [Vector; 3] = [
    Vector {
        inputs: "00",
        blinds: "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
        blinded: "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
        evaluated: "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
        proof: "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17\
             bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
        proof_nonce: "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
        outputs: "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d852769391\
             4139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
    },
    Vector {
        inputs: "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
        blinds: "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
        blinded: "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
        evaluated: "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
        proof: "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031\
             fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
        proof_nonce: "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
        outputs: "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf81\
             6f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
    },
    Vector {
        inputs: "00,5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
        blinds: "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706,222a5e897cf\
             59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
        blinded: "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945,90a0145ea9d\
             a29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
        evaluated: "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e,cc5ac221950\
             a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
        proof: "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a5ab5337c8eb4\
             ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08",
        proof_nonce: "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
        outputs: "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d852769391\
             4139caee5bd03903af43a491351d23b430948dd50cde10d32b3c,8a9a2f3c7f085b659335943\
             09041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480906\
             d27ecd994985890e5f539e7ea74b6",
    },
];

/// The items of a comma-separated list of hexadecimal.
pub(crate) fn list(text: &str) -> Vec<Vec<u8>> {
    text.split(',')
        .map(|item| hex::decode(item).unwrap())
        .collect()
}

/// Exactly N bytes.
pub(crate) fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap()
}
