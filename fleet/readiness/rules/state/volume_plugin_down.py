"""A volume whose plugin does not answer is data that no restart will find."""

from __future__ import annotations

import re

from fleet.inventory import PluginFacts
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import EVERYWHERE, Remedy, VolumeRule
from fleet.readiness.subjects import VolumeSubject
from fleet.readiness.vocabulary import Severity


class VolumePluginDown(VolumeRule):
    """The plugin that this volume lives on does not answer the engine.

    What it looks at:
    Driver of the volume, Warnings of /volumes that name it, and Enabled of /plugins for managed plugins.
    Plugins.Volume of /info is not used: it goes on listing a dead plugin. Volumes of the driver local need no plugin
    and are left out.

    Why it matters:
    Containers that run keep what they have mounted, and nobody notices. The next restart, update or reboot fails,
    because the engine cannot mount the volume, and by then the plugin may have been gone for weeks. Meanwhile every
    listing of volumes takes the engine 15 seconds.

    How to fix:
    Start the plugin again: docker plugin enable for a managed one, its systemd unit or container for one that answers
    on a socket in /run/docker/plugins. Make it start before the engine and restart by itself. If it is gone for good,
    move the data to a volume of a driver that is maintained.

    What the fix may break:
    A plugin that comes back on another host, or under another name, may not know the volume: look at what it lists
    before containers start. Enabling a managed plugin asks for the privileges that it was installed with.

    References:
    - https://docs.docker.com/engine/extend/plugins_volume/
    - https://docs.docker.com/reference/cli/docker/plugin/enable/
    """

    title = "Volume plugin that is down"
    good = "The volume's plugin answers the engine."
    catalogue = "STO-010"
    severity = Severity.CRITICAL
    facts = ("Driver", "/volumes Warnings", "/plugins Enabled")
    stages = EVERYWHERE
    remedy = Remedy(
        docker="docker plugin enable NAME\nsystemctl restart docker-volume-NAME   # a plugin with a unit of its own",
        compose="volumes:\n  data:\n    driver: local   # after moving the data, when the plugin is gone for good",
    )

    def judge(self, subject: VolumeSubject) -> Outcome:
        driver = known(subject.facts.driver, "Driver")
        if driver == "local":
            return not_applicable("The driver local is part of the engine.")
        plugin = next((one for one in subject.around.plugins or () if _is(one, driver)), None)
        if plugin is not None and plugin.enabled is False:
            return failed({"Driver": driver, "Enabled": False}, f"The plugin {plugin.name} is disabled.")
        warnings = known(subject.around.host.volume_warnings, "/volumes Warnings")
        named = [text for text in warnings if re.search(rf"(?<![\w./-]){re.escape(driver)}(?![\w/-])", text)]
        if named:
            return failed({"Driver": driver, "Warnings": named}, f"The plugin {driver} does not answer the engine.")
        return passed({"Driver": driver, "Warnings": []})


def _is(plugin: PluginFacts, driver: str) -> bool:
    """A managed plugin is also known without its tag when that is `latest`."""
    return driver in {plugin.name, plugin.name.removesuffix(":latest")}
