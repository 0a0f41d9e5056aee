"""What is for the teacher adds up: the plan's minutes, the quizzes' answers, the solutions."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from typing import NamedTuple

import pytest
from paho.mqtt.client import topic_matches_sub

from nightlight.rule import Rule
from tests.kit import markdown
from tests.kit.programs import ROOT

TEXT = ROOT / "lessons/teacher.md"


class Question(NamedTuple):
    """With its choices by their letters, and the letter that the answers name."""

    words: str
    choices: dict[str, str]
    answer: str


def section(title: str) -> str:
    return TEXT.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def quiz(title: str) -> list[Question]:
    questions, _, answers = section(title).partition("<details><summary>Answers</summary>")
    right = re.findall(r"(\d+) ([abc])\b", answers.strip().splitlines()[0])
    blocks = re.split(r"^\d+\. ", questions, flags=re.MULTILINE)[1:]
    assert [int(number) for number, _ in right] == list(range(1, len(blocks) + 1)), "answers and questions differ"
    made = []
    for block, (_, answer) in zip(blocks, right, strict=True):
        choices = dict(re.findall(r"^   - ([a-z])\) (.+)$", block, re.MULTILINE))
        assert list(choices) == ["a", "b", "c"], block
        made.append(Question(block.splitlines()[0], choices, answer))
    return made


def test_the_90_minutes_follow_one_another_and_each_step_has_the_time_that_it_takes() -> None:
    rows = re.findall(r"^\| (\d+) to (\d+) \| (.+?) \|", section("90 minutes"), re.MULTILINE)
    times = [(int(begin), int(end)) for begin, end, _ in rows]
    assert times[0][0] == 0
    assert times[-1][1] == 90
    assert all(this[1] == following[0] for this, following in itertools.pairwise(times))
    counted = subprocess.run(
        [sys.executable, "docs/minutes.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for (begin, end), (_, _, what) in zip(times, rows, strict=True):
        if step := re.search(r"\((\d+-[\w-]+)/README\.md\)", what):
            typing = re.search(rf"^{step[1]} +\d+ to +(\d+) minutes", counted, re.MULTILINE)
            assert typing
            assert end - begin >= int(typing[1]), f"{step[1]} takes {typing[1]} minutes"


def test_the_first_four_steps_take_45_minutes_with_typing() -> None:
    counted = subprocess.run(
        [sys.executable, "docs/minutes.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (
        sum(int(minutes) for minutes in re.findall(r"^[1-4]-\S+ +\d+ to +(\d+) minutes", counted, re.MULTILINE)) <= 45
    )


def test_the_quizzes_have_an_answer_to_each_question() -> None:
    assert len(quiz("Entry quiz")) == 5
    assert len(quiz("Exit quiz")) == 8


@pytest.mark.parametrize("number", [1, 2])
def test_the_answer_about_wildcards_is_the_one_that_matches(number: int) -> None:
    question = quiz("Exit quiz")[number - 1]
    topic = re.findall(r"`([^`]+)`", question.words)[-1]
    matching = [letter for letter, words in question.choices.items() if topic_matches_sub(words.strip("`"), topic)]
    assert matching == [question.answer]


def test_the_answer_about_the_rule_is_what_the_server_says() -> None:
    question = next(question for question in quiz("Exit quiz") if "The light is" in question.words)
    found = re.search(r"The light is (\d+)", question.words)
    assert found
    led_on = Rule(300).led_on(int(found[1]), False)
    assert question.choices[question.answer] == f'`{{"led_on": {str(led_on).lower()}}}`'


@pytest.mark.parametrize("number", [3, 4])
def test_the_answers_about_python_are_what_python_says(number: int) -> None:
    question = quiz("Entry quiz")[number - 1]
    code = re.findall(r"`([^`]+)`", question.words)[0].removeprefix("print(").removesuffix(")")
    assert question.choices[question.answer] == f"`{eval(code, {'ID': 'ann'})}`"  # what the quiz itself says


def test_there_are_ten_mistakes_each_with_symptom_cause_and_cure() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", section("The ten commonest mistakes"), re.MULTILINE)
    assert [int(row[0]) for row in rows] == list(range(1, 11))
    assert all(cell.strip() for row in rows for cell in row)


def test_each_steps_solutions_are_linked() -> None:
    links = {piece.text for piece in markdown.read(TEXT) if piece.kind == "link"}
    assert {f"{step.parent.name}/solutions.md" for step in (ROOT / "lessons").glob("*-*/README.md")} <= links


def test_the_rubrics_points_add_up() -> None:
    criteria = len(re.findall(r"^\| (?!\| |---)\w.+ \| .+ \| .+ \| .+ \|$", section("The assignment"), re.MULTILINE))
    assert f"13 to {criteria * 3} points: very good" in section("The assignment")
