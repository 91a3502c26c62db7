/** The World panel: everything somebody can do to the company and its systems. */

import { h } from "../core/dom.js";
import { state } from "../core/state.js";
import { botCard } from "./bot.js";
import { clockCard } from "./clock.js";
import { faultsCard } from "./faults.js";
import { netsuiteCard } from "./netsuite.js";
import { nexoniaCard } from "./nexonia.js";
import { peopleCard } from "./people.js";
import { salesforceCard } from "./salesforce.js";
import { tourCard } from "./tour.js";
import { wrikeCard } from "./wrike.js";

/** @param {() => void} redraw */
export function worldPanel(redraw) {
  return h(
    "div.cards",
    null,
    tourCard(),
    clockCard(),
    peopleCard(redraw),
    botCard(),
    faultsCard(),
    state.world.platforms.includes("salesforce") ? salesforceCard() : null,
    state.world.platforms.includes("netsuite") ? netsuiteCard() : null,
    state.world.platforms.includes("wrike") ? wrikeCard() : null,
    state.world.platforms.includes("nexonia") ? nexoniaCard() : null,
  );
}
