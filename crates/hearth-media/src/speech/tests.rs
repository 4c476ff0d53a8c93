use std::f64::consts::TAU;

use proptest::prelude::*;

use super::*;

/// A WAV file with these fields and samples.
fn wave(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let block = channels * bits / 8;
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    file.extend(tag.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(block)).to_le_bytes());
    file.extend(block.to_le_bytes());
    file.extend(bits.to_le_bytes());
    // Something that nobody asked for, of an odd length.
    file.extend(b"LIST\x03\0\0\0abc\0");
    file.extend(b"data");
    file.extend(u32::try_from(data.len()).expect("short").to_le_bytes());
    file.extend(data);
    file
}

fn bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// A second of a tone.
fn tone(hertz: f64, rate: u32) -> Vec<i16> {
    let place = |at: u32| f64::from(at) / f64::from(rate);
    (0..rate).map(|at| ((place(at) * hertz * TAU).sin() * 10_000.0) as i16).collect()
}

/// How loud it is in the middle, where no end of it is near.
fn loudness(samples: &[i16]) -> f64 {
    let middle = &samples[1_000..7_000];
    let power: f64 = middle.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (power / middle.len() as f64).sqrt()
}

fn refused(file: &[u8]) -> WaveError {
    Speech::from_wave(file).expect_err("refused")
}

#[test]
fn all_encodings_say_the_same() {
    let samples = [0, 1_024, -1_024, 8_192, -32_768, 32_000];
    let mono = wave(1, 1, 8_000, 16, &bytes(&samples));
    let codes = Speech::from_wave(&mono).expect("read").codes;
    assert_eq!(codes, samples.map(|sample| Law::Mu.encode(sample)));
    let twice: Vec<i16> = samples.iter().flat_map(|sample| [*sample; 2]).collect();
    let mu = samples.map(|sample| Law::Mu.encode(sample));
    let a = samples.map(|sample| Law::A.encode(sample));
    let eight = samples.map(|sample| ((sample >> 8) + 128) as u8);
    for file in [
        wave(1, 2, 8_000, 16, &bytes(&twice)),
        wave(7, 1, 8_000, 8, &mu),
        wave(6, 1, 8_000, 8, &a),
        wave(1, 1, 8_000, 8, &eight),
    ] {
        let read = Speech::from_wave(&file).expect("read");
        for (code, sample) in read.codes().iter().zip(samples) {
            let off = (i32::from(Law::Mu.decode(*code)) - i32::from(sample)).abs();
            // A-law and mu-law differ by up to half a step of the larger one.
            assert!(off <= 64 + i32::from(sample).abs() / 24, "{sample} became {code}");
        }
    }
}

#[test]
fn both_channels_are_heard() {
    let file = wave(1, 2, 8_000, 16, &bytes(&[8_000, 0, 8_000, -8_000]));
    let codes = Speech::from_wave(&file).expect("read").codes;
    assert_eq!(codes, [Law::Mu.encode(4_000), Law::Mu.encode(0)]);
}

#[test]
fn what_is_said_stays_as_loud_and_what_cannot_be_carried_is_silent() {
    for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 47_999] {
        let loud = |hertz| loudness(&resample::to_telephone(&tone(hertz, rate), rate));
        for hertz in [300.0, 1_000.0, 3_000.0] {
            let level = loud(hertz);
            assert!((6_950.0..7_200.0).contains(&level), "{hertz} Hz at {rate}: {level}");
        }
        // None of it comes back as another tone: 60 dB below is less than a telephone tells.
        let too_high = [4_100.0, 5_000.0, 5_400.0].into_iter();
        for hertz in too_high.filter(|hertz| *hertz < f64::from(rate) / 2.0) {
            let level = loud(hertz);
            assert!(level < 7.0, "{hertz} Hz at {rate}: {level}");
        }
    }
}

#[test]
fn a_second_stays_a_second() {
    for rate in [8_000, 11_025, 44_100, 48_000] {
        let file = wave(1, 1, rate, 16, &bytes(&tone(440.0, rate)));
        assert_eq!(Speech::from_wave(&file).expect("read").millis(), 1_000, "{rate}");
    }
}

#[test]
fn reasons_are_told_apart() {
    let second = [0; 8_000];
    assert_eq!(refused(b"MP3"), WaveError::NotWave);
    assert_eq!(refused(b"RIFF\0\0\0\0WAVEdata\x01\0\0\0\0"), WaveError::NotWave);
    assert_eq!(refused(&wave(3, 1, 8_000, 32, &second)), WaveError::Encoding);
    assert_eq!(refused(&wave(1, 1, 8_000, 24, &second)), WaveError::Encoding);
    assert_eq!(refused(&wave(1, 3, 8_000, 16, &second)), WaveError::Channels);
    assert_eq!(refused(&wave(1, 1, 7_999, 16, &second)), WaveError::Rate);
    assert_eq!(refused(&wave(1, 1, 96_000, 16, &second)), WaveError::Rate);
    assert_eq!(refused(&wave(1, 1, 8_000, 16, &[0])), WaveError::Empty);
    assert_eq!(refused(&wave(1, 1, 8_000, 8, &[0; 120_001])), WaveError::TooLong);
    assert_eq!(refused(&vec![0; Speech::FILE_BYTES_MAX + 1]), WaveError::TooLarge);
    assert!(Speech::from_wave(&wave(1, 1, 8_000, 8, &[0; 120_000])).is_ok());
}

#[test]
fn carelessly_written_files_are_taken_as_they_are_meant() {
    let mut file = wave(1, 1, 8_000, 8, &[9; 100]);
    let length = file.len() - 104;
    file[length..length + 4].copy_from_slice(&[0xff; 4]);
    assert_eq!(Speech::from_wave(&file).expect("read").codes().len(), 100);
    // `WAVEFORMATEXTENSIBLE`: the tag is in the name of the format.
    let mut long = b"RIFF\0\0\0\0WAVEfmt \x28\0\0\0\xfe\xff\x01\0\x40\x1f\0\0".to_vec();
    long.extend([0x40, 0x1f, 0, 0, 1, 0, 8, 0, 22, 0, 8, 0, 0, 0, 0, 0, 7, 0]);
    long.extend(*b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71data\x02\0\0\0\x12\x34");
    assert_eq!(Speech::from_wave(&long).expect("read").codes(), [0x12, 0x34]);
}

#[test]
fn nothing_of_a_speech_is_shown() {
    let speech = Speech::from_codes(vec![0x42; 80]).expect("short");
    assert_eq!(format!("{speech:?}"), "10 ms of speech");
    assert!(Speech::from_codes(Vec::new()).is_none());
    assert!(Speech::from_codes(vec![0; Speech::SAMPLES_MAX + 1]).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// promise: K-03. Whatever comes, it is read or refused, and never longer than may be said.
    #[test]
    fn arbitrary_files_never_panic(
        tag in 0u16..9, channels in 0u16..4, rate in 7_000u32..50_000, bits in 0u16..33,
        data in prop::collection::vec(any::<u8>(), 0..600), cut in 0usize..700,
    ) {
        let file = wave(tag, channels, rate, bits, &data);
        let file = file.get(..cut).unwrap_or(&file);
        if let Ok(speech) = Speech::from_wave(file) {
            prop_assert!(speech.codes().len() <= data.len());
        }
    }

    #[test]
    fn what_was_kept_is_what_is_said(codes in prop::collection::vec(any::<u8>(), 1..400)) {
        let speech = Speech::from_codes(codes.clone()).expect("short");
        prop_assert_eq!(Law::Mu.of_mu(speech.codes()), codes.clone());
        prop_assert_eq!(Law::A.of_mu(speech.codes()).len(), codes.len());
        prop_assert_eq!(Speech::from_codes(speech.codes().to_vec()), Some(speech));
    }
}
