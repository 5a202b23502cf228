//! Rejected network configurations.

use burn::tensor::Device;
use serde_json::json;
use tweedie::Error;
use tweedie::nn::UNet2d;
use tweedie::nn::UNet2dConfig;

use super::files::{config_error, error, flat};

#[test]
fn values_of_the_configuration_that_are_not_supported_are_named() {
    for (key, value, expected) in [
        (
            "down_block_types",
            json!(["CrossAttnDownBlock2D", "DownBlock2D"]),
            "down_block_types = [\"CrossAttnDownBlock2D\",\"DownBlock2D\"] is not supported; supported:",
        ),
        (
            "up_block_types",
            json!(["UpDecoderBlock2D", "UpBlock2D"]),
            "up_block_types = [\"UpDecoderBlock2D\",\"UpBlock2D\"] is not supported; supported:",
        ),
        (
            "mid_block_type",
            json!("UNetMidBlock2DCrossAttn"),
            "mid_block_type = \"UNetMidBlock2DCrossAttn\" is not supported; supported: `UNetMidBlock2D`",
        ),
        (
            "time_embedding_type",
            json!("rotary"),
            "time_embedding_type = \"rotary\" is not supported; supported: one of `positional`, `fourier`, `learned`",
        ),
        (
            "act_fn",
            json!("sine"),
            "act_fn = \"sine\" is not supported; supported: one of `silu`, `swish`, `mish`, `gelu`, `relu`, `tanh`",
        ),
        (
            "resnet_time_scale_shift",
            json!("ada_group"),
            "resnet_time_scale_shift = \"ada_group\" is not supported; supported: `default` or `scale_shift`",
        ),
        (
            "class_embed_type",
            json!("projection"),
            "class_embed_type = \"projection\" is not supported; supported: `timestep` or `identity`",
        ),
        (
            "downsample_type",
            json!("fir"),
            "downsample_type = \"fir\" is not supported; supported: `conv` or `resnet`",
        ),
        (
            "sample_size",
            json!("large"),
            "sample_size = \"large\" is not supported; supported: a size, a pair of sizes or null",
        ),
        (
            "in_channels",
            json!(-1),
            "in_channels = -1 is not supported; supported: usize",
        ),
        (
            "cross_attention_dim",
            json!(768),
            "cross_attention_dim = 768 is not supported; supported: one of",
        ),
    ] {
        let message = config_error(json!({key: value})).to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn values_of_the_configuration_out_of_their_domain_are_named() {
    for (changes, name) in [
        (
            json!({"block_out_channels": []}),
            "block_out_channels (their number)",
        ),
        (
            json!({"block_out_channels": [4, 1_u64 << 40]}),
            "block_out_channels",
        ),
        (json!({"block_out_channels": [4]}), "down_block_types"),
        (json!({"up_block_types": ["UpBlock2D"]}), "up_block_types"),
        (json!({"layers_per_block": 0}), "layers_per_block"),
        (json!({"layers_per_block": 1_u64 << 40}), "layers_per_block"),
        (json!({"in_channels": 0}), "in_channels"),
        (json!({"out_channels": 1_u64 << 40}), "out_channels"),
        (json!({"downsample_padding": 2}), "downsample_padding"),
        (json!({"norm_eps": 0}), "norm_eps"),
        (
            json!({"mid_block_scale_factor": 0}),
            "mid_block_scale_factor",
        ),
        (json!({"dropout": 1}), "dropout"),
        (json!({"freq_shift": 2}), "freq_shift"),
        (json!({"norm_num_groups": 3}), "norm_num_groups"),
        (json!({"norm_num_groups": 0}), "norm_num_groups"),
        (json!({"attn_norm_num_groups": 5}), "attn_norm_num_groups"),
        (json!({"attention_head_dim": 0}), "attention_head_dim"),
        (json!({"attention_head_dim": 7}), "attention_head_dim"),
        (
            json!({"time_embedding_dim": 1_u64 << 40}),
            "time_embedding_dim",
        ),
        (json!({"num_class_embeds": 1_u64 << 40}), "num_class_embeds"),
        (json!({"num_class_embeds": 0}), "num_class_embeds"),
        (
            json!({"time_embedding_type": "learned"}),
            "num_train_timesteps",
        ),
        (
            json!({"time_embedding_type": "learned", "num_train_timesteps": 10}),
            "num_train_timesteps of the network",
        ),
        (json!({"sample_size": null}), "sample_size"),
        (json!({"sample_size": 7}), "sample_size"),
        (json!({"sample_size": [8, 0]}), "sample_size"),
    ] {
        match config_error(changes.clone()) {
            Error::InvalidOption { name: found, .. } => assert_eq!(found, name, "{changes}"),
            other => panic!("{changes} gives {other}"),
        }
    }
}

#[test]
fn skip_blocks_that_diffusers_cannot_build_or_run_are_refused_with_the_reason() {
    let blocks = |down: [&str; 3], up: [&str; 3]| {
        json!({
            "block_out_channels": [4, 4, 32],
            "down_block_types": down,
            "up_block_types": up,
        })
    };
    let (down, skip_down) = ("DownBlock2D", "SkipDownBlock2D");
    let (up, skip_up) = ("UpBlock2D", "SkipUpBlock2D");
    let (all_down, all_up) = ([skip_down; 3], [skip_up; 3]);
    let with = |mut json: serde_json::Value, key: &str, value| {
        json[key] = value;
        json
    };
    let skips = || blocks(all_down, all_up);
    for (changes, expected) in [
        (
            blocks([down, skip_down, down], all_up),
            "down_block_types must be such that no other block halves the resolution before a skip block",
        ),
        (
            blocks(all_down, [skip_up, skip_up, up]),
            "up_block_types must be such that only skip blocks follow a skip block",
        ),
        (
            with(skips(), "in_channels", json!(1)),
            "in_channels must be 3 where skip blocks change the resolution, but is 1",
        ),
        (
            with(skips(), "out_channels", json!(6)),
            "out_channels must be 3 where skip blocks change the resolution, but is 6",
        ),
        (
            with(skips(), "block_out_channels", json!([3, 4, 4])),
            "norm_num_groups must be a divisor of the 3 channels",
        ),
        (
            with(skips(), "block_out_channels", json!([4, 4, 14])),
            "block_out_channels must be such that a quarter of the channels, or 32, groups each \
             normalisation, but is 14 channels in 3 groups",
        ),
        (
            blocks([skip_down, "AttnSkipDownBlock2D", skip_down], all_up),
            "block_out_channels must be a multiple of 32 for a skip block with attention, but is 4",
        ),
        (
            blocks(all_down, [skip_up, "AttnSkipUpBlock2D", skip_up]),
            // diffusers concatenates the channels from below with a quarter of the skip connection.
            "block_out_channels must be such that a quarter of the channels, or 32, groups each \
             normalisation, but is 36 channels in 32 groups",
        ),
        (
            with(blocks(all_down, [up; 3]), "norm_num_groups", json!(null)),
            "norm_num_groups must be a number, which all blocks except skip blocks require, but is null",
        ),
    ] {
        let message = config_error(changes.clone()).to_string();
        assert!(message.starts_with(expected), "{changes}: {message}");
    }
}

#[test]
fn the_published_ncsnpp_configuration_is_accepted() {
    let skip = ["SkipDownBlock2D"; 4];
    let down = [&skip[..], &["AttnSkipDownBlock2D"], &skip[..2]].concat();
    let up: Vec<_> = (down.iter().rev())
        .map(|kind| kind.replace("Down", "Up"))
        .collect();
    let config = json!({
        "_class_name": "UNet2DModel",
        "act_fn": "silu",
        "attention_head_dim": null,
        "block_out_channels": [128, 128, 256, 256, 256, 256, 256],
        "center_input_sample": false,
        "down_block_types": down,
        "downsample_padding": 1,
        "flip_sin_to_cos": true,
        "freq_shift": 0,
        "in_channels": 3,
        "layers_per_block": 2,
        "mid_block_scale_factor": std::f64::consts::SQRT_2,
        "norm_eps": 1e-6,
        "norm_num_groups": null,
        "out_channels": 3,
        "sample_size": 256,
        "time_embedding_type": "fourier",
        "up_block_types": up,
    });
    let config = UNet2dConfig::from_json(config.as_object().unwrap()).unwrap();
    let network = UNet2d::new(&config, &Device::flex()).unwrap();
    // The count in diffusers.
    assert_eq!(network.parameter_count(), 65_574_549);
    // 128 channels are concatenated with 128 at 256x256.
    assert_eq!(config.largest_feature_map(), 256 * 256 * 256);
}

#[test]
fn a_configuration_of_too_many_parameters_is_refused_before_anything_is_allocated() {
    let config = UNet2dConfig {
        block_out_channels: vec![16384; 4],
        layers_per_block: 64,
        ..UNet2dConfig::default()
    };
    let message = UNet2d::new(&config, &Device::flex())
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("block_out_channels must be so small that"),
        "{message}"
    );
}

#[test]
fn configurations_that_are_no_json_objects_are_named() {
    for name in ["config.json", "scheduler_config.json", "model_index.json"] {
        for bytes in [&b"{"[..], b"[]", b"\xff"] {
            let mut files = flat();
            files.insert(name.to_owned(), bytes.to_vec());
            let message = error(files).to_string();
            let expected = format!("{name} cannot be read: ");
            assert!(message.starts_with(&expected), "{message}");
        }
    }
}
