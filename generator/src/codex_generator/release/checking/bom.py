"""Bills of materials: what each wheel is made of, in CycloneDX, for whoever has to know."""

# The decorators of cyclonedx's classes hide their signatures from pyright. mypy does follow them,
# and checks this file in full.
# pyright: reportCallIssue=false, reportAttributeAccessIssue=false, reportArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseAcknowledgement, LicenseExpression
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement

from codex_generator.projects import PROJECTS
from codex_generator.release.building import EPOCH
from codex_generator.release.checking.expected import Expected
from codex_generator.release.notices import component_of, license_of
from codex_generator.release.packages import Content

SUFFIX: Final = ".cdx.json"
"""Of a bill's name, behind that of its wheel."""


def bill_of_materials(wheel: Expected, digest: str) -> str:
    """Write the bill of one wheel; the same wheel gives the same bytes.

    Args:
        wheel: what it holds.
        digest: its SHA-256, in hex.

    Returns:
        CycloneDX 1.6, as JSON.
    """
    name = PROJECTS[wheel.layer]
    root = Component(
        name=name,
        version=wheel.version,
        bom_ref=wheel.name,
        hashes=[_sha256(digest)],
        licenses=[_license(license_of(wheel.programs))],
        purl=PackageURL("pypi", None, name, wheel.version, {"file_name": wheel.name}),
    )
    needed = [_needed(Requirement(text)) for text in wheel.requirements]
    files = [_file(path, content, wheel) for path, content in wheel.contents.items()]
    bom = Bom(
        components=[*files, *needed],
        serial_number=uuid5(NAMESPACE_URL, f"sha256:{digest}"),
        metadata=BomMetaData(
            component=root, timestamp=datetime.fromtimestamp(int(EPOCH), timezone.utc)
        ),
    )
    bom.register_dependency(root, [*needed, *(file for file in files if file.group)])
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)


def _file(path: str, content: Content, wheel: Expected) -> Component:
    """Describe a file of the wheel; whose it is, where it is a program."""
    file = Component(
        name=path, type=ComponentType.FILE, bom_ref=path, hashes=[_sha256(content.sha256)]
    )
    if path in wheel.programs:
        owner = component_of(path)
        file.type = ComponentType.APPLICATION
        file.group = owner.name
        file.licenses.add(_license(owner.license))
        file.external_references.add(
            ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(owner.source))
        )
    return file


def _needed(requirement: Requirement) -> Component:
    """Describe another distribution: of what version, only a pin can say."""
    pins = [spec.version for spec in requirement.specifier if spec.operator == "=="]
    version = pins[0] if pins else None
    return Component(
        name=requirement.name,
        version=version,
        description=str(requirement),
        bom_ref=str(requirement),
        purl=PackageURL("pypi", None, requirement.name, version),
    )


def _license(expression: str) -> LicenseExpression:
    return LicenseFactory().make_with_expression(
        expression, acknowledgement=LicenseAcknowledgement.DECLARED
    )


def _sha256(digest: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)
