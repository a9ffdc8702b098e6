# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector node's parameters, topics and services."""

from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.backbone import SAMPLED
from ant_ros.inspection.shape_kind import AUTO
from ant_ros.inspection.shape_kind import KINDS
from ant_ros.nodes.diagnostics import DIAGNOSTICS_ENDPOINT
from ant_ros.nodes.endpoints import Endpoint
from ant_ros.nodes.fleet import FLEET_TOPIC
from ant_ros.nodes.hearsay import MOST_BYTES
from ant_ros.nodes.hearsay import MOST_ROBOTS
from ant_ros.nodes.parameters import Parameter
from ant_ros.nodes.vision_outputs import VISION_ENDPOINTS

__all__ = ['ENDPOINTS', 'LABEL_DEPTH', 'PARAMETERS']

PARAMETERS = (
    Parameter('autostart', False, 'Configure and activate at start, without a lifecycle manager.',
              read_only=True),
    Parameter('recipe', '', 'Recipe folder: loaded at configure, and at once when it is changed; '
              'what is no recipe is refused and the one in use stays. ~/save writes it; where '
              'nothing is yet, it is taken while no saved recipe is in use.'),
    Parameter('trigger', 'topic', 'What makes a part: a message on the topic part, or each image.',
              choices=('topic', 'image'), read_only=True),
    Parameter('image_transport', 'raw', 'Subscribe to image, or to image/compressed (JPEG, PNG).',
              choices=('raw', 'compressed'), read_only=True),
    Parameter('frame_policy', 'every', 'every: queue, each part gets inspected; latest: when the '
              'inspector is busy the newest image replaces the one that waits.',
              choices=('latest', 'every'), read_only=True),
    Parameter('queue', 20, 'Parts that may wait for the inspector with frame_policy every; those '
              'beyond are uninspected (overflow).', minimum=1, maximum=1000, read_only=True),
    Parameter('reliability', 'auto', 'Of the image subscription; auto: reliable once all matched '
              'publishers offer it.', choices=('auto', 'reliable', 'best_effort'),
              read_only=True),
    Parameter('camera_offset', 0.0, 'Image stamp minus trigger stamp of the same part, in s. With '
              'a camera that stamps before the trigger an image waits for the next one, or for '
              'the deadline: set this. From the next activation on.',
              minimum=-10.0, maximum=10.0),
    Parameter('match_tolerance', 0.05, 'Largest distance of an image from trigger plus offset, '
              'in s; less than half the time between two parts. From the next '
              'activation on.', minimum=0.0, maximum=10.0),
    Parameter('deadline', 1.0, "ROS time after a trigger's arrival, in s, from which its part is "
              'uninspected (no_image) if no image has come.', minimum=0.01, maximum=3600.0),
    Parameter('watchdog', 10.0, 'Real time, in s, after which a part is uninspected whatever ROS '
              'time does (no_image, or late while the inspector is stuck).',
              minimum=0.1, maximum=3600.0),
    Parameter('image_buffer', 10, 'Images that are kept for a trigger still to come. From the '
              'next activation on.', minimum=1, maximum=1000),
    Parameter('same_part_gap', 0.0, 'With trigger image: a frame that follows the last within '
              'this time, in s, and looks like it, shows the same part and gets no verdict of its '
              'own; shorter than any exchange of parts. 0: every frame is a part. From the '
              'next activation on.',
              minimum=0.0, maximum=60.0),
    Parameter('same_part_change', 0.02, 'Largest mean difference of grey, as a share of the full '
              'range, between two frames of the same part. From the next activation on.',
              minimum=0.0, maximum=1.0),
    Parameter('several_parts', False, 'Judge every part in the image: one verdict, the worst of '
              'them decides; its values name the box and the decision of each. What has less than '
              'a quarter of the usual area is not taken for a part; parts that touch each other '
              'are not told apart and do not pass. A label is about those that were stopped. '
              'Teach with one part in the image. false: the largest is judged, and the reason '
              'says if there were others.', read_only=True),
    Parameter('camera_timeout', 2.0, 'Real time without an image, in s, from which diagnostics '
              'call the camera silent.', minimum=0.1, maximum=3600.0),
    Parameter('teach_count', 10, 'Good parts that ~/teach and ~/sharpen collect.', minimum=5,
              maximum=200),
    Parameter('target_frr', 0.005, 'Share of good parts that may be stopped, asked for when a '
              'part is taught. It is guaranteed once enough good parts are confirmed '
              '(~/confirm); the diagnostics say how many.', minimum=0.0001, maximum=0.5),
    Parameter('part_kind', AUTO, 'What is inspected, when a part is taught: registered '
              '(everything has its place on the part, or in the image), free shape (a part stands '
              'out from its background, but no two are alike), texture (it fills the image), or '
              'auto: the good parts tell.', choices=KINDS),
    Parameter('backbone', 'auto', 'Which features look at what surprises, when a part is taught; '
              'auto: by what the good parts say. A module that was brought is for the Python API '
              'only.', choices=('auto', SAMPLED, EFFICIENTNET)),
    Parameter('teach_at_start', False, 'Start as if ~/teach were called, if there is no recipe.'),
    Parameter('learning', True, 'Learn from labels, if the recipe folder may be written; each '
              'change is a version of the recipe. Holds the recipe: nobody else may write it.',
              read_only=True),
    Parameter('ledger', '', 'File that verdicts, labels and changes are written into; empty: '
              'beside the recipe, as RECIPE.ledger; none without a recipe.', read_only=True),
    Parameter('archive', '', 'Folder for images of the parts that do not pass, and of a share of '
              'those that do; empty: beside the ledger, as RECIPE.images; none without a ledger.',
              read_only=True),
    Parameter('archive_mb', 1000, 'Size of all archived images together, in MB; the oldest give '
              'way to the newest. 0: none are archived.', minimum=0, maximum=10_000_000,
              read_only=True),
    Parameter('archive_passes', 0.01, 'Share of the passed parts whose images are archived.',
              minimum=0.0, maximum=1.0, read_only=True),
    Parameter('drift_monitor', False, 'Warn in the diagnostics when the scores of parts that pass '
              'stay away from what they were on the first 200, or when far more than one part in '
              'ten is stopped: the calibration may no longer hold.', read_only=True),
    Parameter('self_update', 0, 'Parts far inside the pass region after which what is expected '
              'follows them, by 0.25 grey levels at most and by 3 in all; each step is a version: '
              '~/undo takes back the latest one as long as nothing came after it, ~/rollback '
              'any. 0: never.', minimum=0, maximum=1_000_000,
              read_only=True),
    Parameter('robot', '', 'Name of this robot in its fleet: with one, what is learned is shared '
              'with inspectors that have the same recipe. Empty: not shared.', read_only=True),
    Parameter('rules', '', 'YAML file of rules that decide what is done with a part of the first '
              'recipe that the node uses; read again when it changes. Another recipe, and this '
              'one where it is empty, has the rules beside its folder, RECIPE.rules.yaml, or '
              'none.', read_only=True),
    Parameter('mm_per_px', 0.0, 'Millimetres per pixel of the image, for rules that ask for '
              'millimetres; 0: not known.', minimum=0.0, maximum=1000.0, read_only=True),
    Parameter('debug_images', 'all', 'Parts whose anomaly map and overlay are published, if '
              'somebody listens.', choices=('all', 'not_pass')),
)

LABEL_DEPTH = 2000
"""Labels that may wait in the middleware: some seconds of a storm."""

_RELIABLE = 'reliable, depth 10'
_ARRAY = 'diagnostic_msgs/msg/DiagnosticArray'

ENDPOINTS = (
    Endpoint('subscription', 'image', 'sensor_msgs/msg/Image',
             'best effort or reliable (parameter), depth 1 or queue',
             'while active, with image_transport raw'),
    Endpoint('subscription', 'image/compressed', 'sensor_msgs/msg/CompressedImage',
             'best effort or reliable (parameter), depth 1 or queue',
             'while active, with image_transport compressed; follows a remap of image'),
    Endpoint('subscription', 'part', 'sensor_msgs/msg/TimeReference', 'reliable, depth 100',
             'while active, with trigger topic: stamp of the trigger, source is the part ID'),
    Endpoint('subscription', '~/label', _ARRAY, f'reliable, depth {LABEL_DEPTH}',
             "an operator's word on a part: hardware_id the part, or a pattern for the latest "
             'parts that look like it, message good or a defect class, name who; a new class must '
             'be said twice; or the value forget: the label_id of a label to take back'),
    Endpoint('publisher', '~/label_result', _ARRAY, 'reliable, transient local, depth 100',
             'the answer to each label, once it is on the disk: applied, pending, refused or '
             'unknown part'),
    Endpoint('publisher', FLEET_TOPIC, 'std_msgs/msg/UInt8MultiArray',
             'reliable, transient local, depth 1',
             'with the parameter robot: what was learned from labels, without images, at most '
             f'{-(-MOST_BYTES // 1_000_000)} MB'),
    Endpoint('subscription', FLEET_TOPIC, 'std_msgs/msg/UInt8MultiArray',
             f'reliable, transient local, depth {MOST_ROBOTS}',
             'with the parameter robot: the same from the others; of another recipe it is refused '
             'and kept until that one is in use, damaged it is refused'),
    Endpoint('publisher', '~/verdict', _ARRAY, 'reliable, depth 100',
             'one per part; in its values classes names the defect class of each region, the keys '
             'with region_ its box, area, stage, peak, elongation and shift in colour and '
             'brightness from what is expected (unknown on parts of free shape and textures), and '
             'pattern what the worst one without a class looks like: it can be labelled by that '
             'name; disposition is accept, rework, review or scrap where rules were asked; with '
             'several_parts, parts, part_boxes and part_decisions name each part from left to '
             'right'),
    Endpoint('publisher', '~/anomaly_map', 'sensor_msgs/msg/Image', _RELIABLE,
             '32FC1; made only while somebody listens'),
    Endpoint('publisher', '~/overlay', 'sensor_msgs/msg/Image', _RELIABLE,
             'rgb8; made only while somebody listens'),
    *VISION_ENDPOINTS,
    DIAGNOSTICS_ENDPOINT,
    Endpoint('service', '~/teach', 'std_srvs/srv/SetBool', '',
             'true: the next teach_count parts are good ones; false: teach from those collected'),
    Endpoint('service', '~/sharpen', 'std_srvs/srv/SetBool', '',
             'true: the next teach_count parts are good ones, judged as ever, and sharpen the '
             'recipe; false: sharpen it with those collected'),
    Endpoint('service', '~/save', 'std_srvs/srv/Trigger', '',
             'write the recipe to the folder in the parameter recipe'),
    Endpoint('service', '~/challenge', 'std_srvs/srv/Trigger', '',
             'try all parts whose truth is known; fails if one is not as it should be'),
    Endpoint('service', '~/confirm', 'std_srvs/srv/Trigger', '',
             'take all parts inspected since the last time as good, but for those labelled as '
             'defects; refused at first where parts were stopped and not labelled: once more '
             'confirms these, too'),
    Endpoint('service', '~/rollback', 'std_srvs/srv/Trigger', '',
             'bring the version of the recipe before this one back, as a new version'),
    Endpoint('service', '~/undo', 'std_srvs/srv/Trigger', '',
             'take the last change back: a label, a sharpening, a run that was confirmed; a '
             'Trigger names no person, so that the ledger says `~/undo` of who did'),
)
