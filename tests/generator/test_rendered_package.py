"""What is rendered from the protocol in small can be imported, and does what it should.

Each test runs a program of a few lines in a Python of its own, so that the small packages do not
meet the real ones of the same name.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from codex_generator.names import camel_case
from codex_generator.render import write_files
from codex_generator.tree import produce

from tests.generator.pets import write_pets

Run = Callable[[str], str]

HANDWRITTEN = {
    "__init__.py": "",
    "_calls.py": """
        class MethodsBase:
            def _call(self, *call): return call

        class AsyncMethodsBase:
            async def _call(self, *call): return call
        """,
    "params.py": """
        from codex_app_server_types import UNSET

        def params_of(model, /, **arguments):
            return model(**{k: v for k, v in arguments.items() if v is not UNSET})

        def optional_params_of(model, /, **arguments):
            params = params_of(model, **arguments)
            return params if params.model_fields_set else None
        """,
}
"""What the rendered part of the raw client stands on, cut down to what these tests need."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Render the packages once; return a function that runs a program against them."""
    root = tmp_path_factory.mktemp("rendered")
    write_files(root, produce(root, write_pets(root)))
    rpc = root / "packages/rpc/src"
    files = {
        Path("codex_app_server_rpc") / name: dedent(text) for name, text in HANDWRITTEN.items()
    }
    write_files(rpc, files)

    def run_program(program: str) -> str:
        path = [str(root / "packages/types/src"), str(rpc), *sys.path]
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", dedent(program)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run_program


def test_importing_the_package_loads_no_model(run: Run) -> None:
    program = """
        import sys, codex_app_server_types
        loaded = [name for name in sys.modules if name.startswith("codex_app_server_types")]
        print(loaded, "pydantic" in sys.modules)
    """
    assert run(program) == "['codex_app_server_types'] False"


def test_touching_a_type_loads_its_domain_alone(run: Run) -> None:
    program = """
        import sys, codex_app_server_types as t
        t.Leash
        modules = [name for name in sys.modules if name.startswith("codex_app_server_types.")]
        print(sorted(name.partition(".")[2] for name in modules if "._" not in name))
    """
    assert run(program) == "['shared']"


def test_every_name_that_the_package_lists_can_be_loaded(run: Run) -> None:
    program = """
        import codex_app_server_types as t
        print(all(getattr(t, name) is not None for name in dir(t)), len(dir(t)) == len(t.__all__))
    """
    assert run(program) == "True True"


def test_an_unknown_name_is_an_attribute_error(run: Run) -> None:
    program = """
        import codex_app_server_types as t
        print(hasattr(t, "Hamster"))
    """
    assert run(program) == "False"


def test_every_model_can_be_built(run: Run) -> None:
    program = """
        import codex_app_server_types as t
        found = [getattr(t, name) for name in t.__all__]
        models = [it for it in found if isinstance(it, type) and issubclass(it, t.WireModel)]
        print(all(model.model_rebuild(force=True) for model in models), len(models) > 20)
    """
    assert run(program) == "True True"


def test_decoding_and_encoding_give_back_what_came_in(run: Run) -> None:
    program = """
        from codex_app_server_types import PetAdoptParams
        wire = {"petName": "Rex", "leash": None, "$schema": [1], "meta": {"a": {}}, "new": 1}
        print(PetAdoptParams.from_wire(wire).to_wire() == wire)
    """
    assert run(program) == "True"


def test_what_was_not_set_is_not_sent_and_none_is_null(run: Run) -> None:
    program = """
        from codex_app_server_types import PetAdoptParams
        print(PetAdoptParams(pet_name="Rex", leash=None).to_wire())
    """
    assert run(program) == "{'petName': 'Rex', 'leash': None}"


def test_a_variant_built_in_python_is_sent_with_its_tag(run: Run) -> None:
    program = """
        from codex_app_server_types import KeyPetLoginParams
        print(KeyPetLoginParams(key="k").to_wire_json())
    """
    assert run(program) == """b'{"key":"k","type":"key"}'"""


def test_a_tag_says_which_variant_it_is(run: Run) -> None:
    program = """
        from codex_app_server_types import PetBornNotification as Born
        for tag in ("nap", "flew"):
            item = Born.from_wire({"item": {"type": tag, "wings": 2}}).item
            print(type(item).__name__, item.to_wire())
    """
    assert run(program).splitlines() == [
        "NapThreadItem {'type': 'nap', 'wings': 2}",
        "UnknownThreadItem {'type': 'flew', 'wings': 2}",
    ]


def test_a_known_variant_with_a_bad_payload_is_an_error(run: Run) -> None:
    program = """
        import pydantic
        from codex_app_server_types import PetBornNotification as Born
        try:
            Born.from_wire({"item": {"type": "bark", "volume": "loud"}})
        except pydantic.ValidationError as error:
            print(error.errors()[0]["loc"])
    """
    assert run(program) == "('item', 'bark', 'volume')"


def test_a_keyed_union_takes_strings_and_objects_known_and_unknown(run: Run) -> None:
    program = """
        from codex_app_server_types import PetAskResponse as Answer
        for leash in ("never", "maybe", {"granular": {"max_length": 2.5}}, {"elastic": 1}):
            answer = Answer.from_wire({"answer": leash})
            print(type(answer.answer).__name__, answer.to_wire()["answer"] == leash)
    """
    assert run(program).splitlines() == [
        "LeashValue True",
        "LeashValue True",
        "GranularLeash True",
        "UnknownLeash True",
    ]


def test_variants_without_a_tag_are_told_apart_by_their_keys(run: Run) -> None:
    program = """
        from codex_app_server_types import PetListResponse
        content = [{"uri": "u", "text": "t"}, {"uri": "u", "blob": "b"}, {"uri": "u"}]
        for found in PetListResponse.from_wire({"content": content}).content:
            print(type(found).__name__)
    """
    assert run(program).split() == ["TextPetContent", "BlobPetContent", "UnknownPetContent"]


def test_an_enum_is_open_to_new_values(run: Run) -> None:
    program = """
        import copy, pickle
        from codex_app_server_types import Mood
        new = Mood("grumpy")
        same = [copy.deepcopy(new), pickle.loads(pickle.dumps(new)), Mood(new)]
        print(new, f"{Mood.calm:>5}", new.is_known, Mood.calm.is_known)
        print([mood == new == "grumpy" and type(mood) is Mood for mood in same], len({*same, new}))
        print(Mood.calm == "calm", Mood("calm") is Mood.calm, new == Mood("bored"), repr(new))
        print({Mood.calm: 1, new: 2}["calm"], {new: 2}["grumpy"])
    """
    assert run(program).splitlines() == [
        "grumpy  calm False True",
        "[True, True, True] 1",
        "True True False <Mood: 'grumpy'>",
        "1 2",
    ]


def test_unset_is_false_and_there_is_one(run: Run) -> None:
    program = """
        import copy, pickle
        from codex_app_server_types import UNSET
        print(UNSET, repr(UNSET), bool(UNSET))
        print(pickle.loads(pickle.dumps(UNSET)) is copy.deepcopy(UNSET) is UNSET)
    """
    assert run(program).splitlines() == ["UNSET UNSET False", "True"]


def test_a_union_that_is_decoded_has_an_adapter(run: Run) -> None:
    program = """
        from codex_app_server_types import PetLoginResponseAdapter as adapter
        print(type(adapter.validate_python({"type": "ok"})).__name__)
    """
    assert run(program) == "OkPetLoginResponse"


def test_fields_are_named_on_the_wire_as_the_generator_supposes(run: Run) -> None:
    names = ["thread_id", "id", "async_", "a_b_c", "sha256_sum", "n2_fa"]
    program = f"""
        from codex_app_server_types._model import to_camel
        print([to_camel(name) for name in {names}])
    """
    assert run(program) == str([camel_case(name) for name in names])


def test_a_method_sends_what_was_given(run: Run) -> None:
    program = """
        from codex_app_server_rpc.generated.methods import Methods
        wire, params, decode, timeout = Methods().pet_adopt(pet_name="Rex", timeout_=3, timeout=1.5)
        print(wire, params.to_wire(), timeout)
        print(type(decode({"item": {"type": "nap"}})).__name__)
    """
    assert run(program).splitlines() == [
        "pet/adopt {'petName': 'Rex', 'timeout': 3} 1.5",
        "PetAdoptResponse",
    ]


def test_an_async_method_does_the_same(run: Run) -> None:
    program = """
        import asyncio
        from codex_app_server_rpc.generated.async_methods import AsyncMethods
        wire, params, decode, timeout = asyncio.run(AsyncMethods().pet_adopt(pet_name="Rex"))
        print(wire, params.to_wire(), timeout)
    """
    assert run(program) == "pet/adopt {'petName': 'Rex'} UNSET"


def test_params_that_may_be_left_out_are(run: Run) -> None:
    program = """
        from codex_app_server_rpc.generated.methods import Methods
        print(Methods().pet_call()[1], Methods().pet_call(loud=True)[1].to_wire())
    """
    assert run(program) == "None {'loud': True}"


def test_a_method_whose_params_are_a_union_passes_them_on(run: Run) -> None:
    program = """
        import codex_app_server_types as t
        from codex_app_server_rpc.generated.methods import Methods
        params = t.GuestPetLoginParams()
        wire, sent, decode, _ = Methods().pet_login(params=params)
        print(sent is params, type(decode({"type": "new"})).__name__)
    """
    assert run(program) == "True UnknownPetLoginResponse"


def test_the_methods_load_no_type_before_they_are_called(run: Run) -> None:
    program = """
        import sys
        import codex_app_server_rpc.generated.methods, codex_app_server_rpc.generated.catalog
        import codex_app_server_rpc.generated.server_requests
        import codex_app_server_rpc.generated.notifications
        print("pydantic" in sys.modules)
    """
    assert run(program) == "False"


def test_tables_name_what_they_stand_for(run: Run) -> None:
    program = """
        from codex_app_server_rpc.generated.catalog import METHODS
        from codex_app_server_rpc.generated.notifications import NOTIFICATIONS
        from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS
        print(tuple(METHODS["pet/call"]), NOTIFICATIONS["pet/born"])
        print(tuple(SERVER_REQUESTS["item/pet/ask"]))
    """
    assert run(program).splitlines() == [
        "('pet_call', True) PetBornNotification",
        "('item/pet/ask', 'item_pet_ask', 'PetAskParamsAdapter', 'PetAskResponse', False)",
    ]


def test_what_is_experimental_can_be_looked_up(run: Run) -> None:
    program = """
        from codex_app_server_types import stability
        print("PetCallParams" in stability.EXPERIMENTAL_TYPES)
        print(("PetAdoptParams", "tags") in stability.EXPERIMENTAL_FIELDS)
        print(stability.EXPERIMENTAL_METHODS == {"pet/call", "pet/login"})
    """
    assert run(program).split() == ["True", "True", "True"]
