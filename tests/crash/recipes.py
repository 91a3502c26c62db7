"""Every recipe that is killed at each of its points."""

from __future__ import annotations

from tests.crash import netsuite_recipes, nexonia_recipes, salesforce_recipes, wrike_recipes

RECIPES = (
    *salesforce_recipes.RECIPES,
    *netsuite_recipes.RECIPES,
    *wrike_recipes.RECIPES,
    *nexonia_recipes.RECIPES,
)
