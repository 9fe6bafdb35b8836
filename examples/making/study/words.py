"""The words of the field study."""

from __future__ import annotations

TITLE = "Glow rhythms of the tide lichen *Lumaria ossensis* on three skerries of the Quillmere Archipelago"
AUTHORS = "Ilse Corvander^1^, Bram Teasel^1,2^ and Nuria Halloway-Finch^2^"
PLACES = "^1^ Field Station at Hollow Skerry · ^2^ Department of Small Lights, College of Osse"
ABSTRACT = (
    "**Abstract.** The tide lichen *Lumaria ossensis* glows faintly green on summer nights, and sailors have long "
    "claimed that it tells the state of the tide. We measured the glow of 54 plots on three skerries over 112 nights "
    "between April and September 2023. The glow rises and falls once a tide and is brightest 2.1 hours after high "
    "water, not at high water itself. It is stronger on spring tides than on neap tides and stronger on wet nights "
    "than on dry ones; the two effects together make an almost fourfold difference. Water held in the thallus "
    "explains 81 per cent of the variance between plots. The sailors were right, but two hours late."
)

INTRODUCTION = [
    "Few organisms of the shore are so well loved and so little studied as the tide lichen. Its pale crusts grow "
    "just above the reach of ordinary waves, from the harbour walls of Osse to the outermost skerries. By day it "
    "looks like spilled flour. On a clear night between April and October it gives off a soft green light, bright "
    "enough at its best to read the hands of a watch.",
    "Fishing families use the lichen as a clock. “When the wall is green, the flood is in,” says a proverb that Dray "
    "[2] wrote down in 1911. Whether the wall really follows the tide, and if so how, was not known. The only "
    "earlier measurements, made by Okonmere and Vey [6] from a rowing boat, cover four nights and one skerry, and "
    "they disagree with each other.",
    "Light made by living things is common in the sea and rare on land. Where it occurs on land, in fungi of rotting "
    "wood and in a few worms, it keeps to the clock of the day. A light that keeps to the tide would need a "
    "different clock, or none at all: it might simply answer to water, salt or cold, all of which come and go with "
    "the flood.",
    "We asked three questions. Does the glow follow the tide or the clock? Does it depend on the height of the tide "
    "and on the weather? And do neighbouring skerries, which differ in shape and rock, glow alike?",
]
ISLANDS = [
    "The study was made on Hollow Skerry, Long Tern and Grey Maiden, which lie within four kilometres of each other "
    "south of the Isle of Osse. Hollow Skerry is a low dome of gabbro with many basins. Long Tern is a narrow ridge "
    "of the same rock. Grey Maiden, the smallest, is of slate, steep and quick to dry. None of them is inhabited, "
    "and none can be seen from a lit harbour.",
    "The weather of the summer of 2023 was mild and rather wet. Of the 112 nights on which we worked, 42 were wet; "
    "half of them came in August and September (Table 2). Wind kept us from landing on 29 further nights.",
    "The tidal range in the area is 1.9 metres at neaps and 4.3 metres at springs. The lichen grows in a belt that "
    "begins about half a metre above mean high water and ends where the first grasses take root (Figure 1).",
]
PLOTS = [
    "On each skerry we laid out 18 plots of 20 by 20 centimetres, six in each of the three belts of Figure 1. Plots "
    "were chosen by throwing a cork ring from a marked spot and were rejected if less than half of their area was "
    "covered by the lichen. Corners were marked with brass studs, all of which survived the season.",
    "The lichen was identified with the key of Brightwater and Oum [1]. Two plots on Grey Maiden turned out to hold "
    "the similar but dark *Lumaria fallax* and were replaced in the first week.",
]
MEASURING = [
    "Glow was measured with a hand-held photometer, held 30 centimetres above the rock under a felt hood. Each "
    "reading is the mean of five exposures of eight seconds. Values are given in microcandelas per square metre "
    "(µcd/m^2^). Two observers worked each night by red lamp; they changed places every hour, and the difference "
    "between observers was below two per cent.",
    "Each skerry was visited every third night. A visit began three hours before high water and ended six hours "
    "after it, and in this time every plot was read at least six times. Times of high water were taken from the "
    "tables of Mirrelees [5] and corrected with a float gauge that we had fixed in a cleft of Long Tern.",
    "The water content of the thallus was found by weighing. From a reserve patch beside each plot we took a disc of "
    "eight millimetres, weighed it at once, dried it for a day at 40 °C and weighed it again. A night was called wet "
    "if more than one millimetre of rain had fallen since noon.",
]
ANALYSIS = [
    "For each plot and night the glow *G* was described as a bell-shaped function of the time *t* since high water, in "
    "hours:",
    "where *G*~0~ is the greatest glow, *t*~p~ the time of the peak and *s* the width of the bell. The three "
    "parameters were fitted by least squares. Nights with fewer than six readings, eleven of 112, were left out.",
]
RHYTHM = [
    "The glow follows the tide and not the clock. On all three skerries it rose during the last hour of the flood, "
    "peaked 2.1 hours after high water (standard error 0.1 hours) and was close to nothing four hours later (Figure "
    "2a). As the tide came later from night to night, so did the peak, by 49 minutes on average. Covering a plot "
    "with black cloth for three days did not stop the rhythm, though it weakened it by a third.",
    "The width of the bell was *s* = 1.6 hours and did not differ between skerries. On 17 nights a second, weaker "
    "peak was seen shortly before low water, always on Hollow Skerry and always in plots that drain into a basin.",
]
MOISTURE = [
    "Mean peak glow is given in Table 1. On dry nights around neap tide the plots reached 2.5 µcd/m^2^ on average; "
    "on wet nights around spring tide they reached 9.8 µcd/m^2^, almost four times as much. Rain alone raised the "
    "glow by a factor of 1.8, spring tide alone by a factor of 2.2, and the two effects simply multiplied.",
    "Across plots, glow rose in proportion to the water content of the thallus (Figure 2b). A straight line explains "
    "81 per cent of the variance. Below a water content of 20 per cent no glow could be detected, however high the "
    "tide.",
]
SKERRIES = [
    "Hollow Skerry was the brightest of the three under all conditions and Grey Maiden the dimmest. The difference "
    "vanishes when plots of equal water content are compared: it is the quick drying of the slate, not the lichen, "
    "that makes Grey Maiden dim. The belts differed as well. Plots in the middle belt were brightest on 71 per cent "
    "of the nights.",
]
SEASON = [
    "Glow grew from April to August and fell again in September (Table 2). The months differ less when only wet "
    "nights at spring tide are compared, and not at all when water content is taken into account. We found no effect "
    "of air temperature, of moonlight or of the day of the week, the last of which was included as a test of our "
    "method.",
]
ERRORS = [
    "Readings by the two observers of a night differed by 1.6 per cent on average. The photometer was checked "
    "against a standard lamp before and after the season and had drifted by 0.7 per cent. Felt hoods shut out stray "
    "light well [3]: a hood set on bare slate gave readings below 0.05 µcd/m^2^ even under a full moon.",
]
DISCUSSION = [
    "Why should a lichen glow two hours after high water? We think that the answer is salt. Spray wets the thallus "
    "during the flood and brings salt with it; the alga inside begins to glow when the salt has been drawn in, which "
    "in the laboratory takes about two hours [4]. The delay would then be the time that salt needs to travel through "
    "two millimetres of crust. The multiplication of rain and tide fits this idea, since a wet thallus takes up "
    "spray more readily than a dry one.",
    "The three skerries tell the same story in different voices. Gabbro holds water in its basins and slate sheds "
    "it, as Teasel [8] has shown with chalk and a stopwatch. A plot on Grey Maiden has dried below the threshold of "
    "20 per cent before the salt arrives, and so it stays dark on nights when Hollow Skerry, an hour’s rowing away, "
    "is at its best.",
    "Our results also explain why Okonmere and Vey [6] disagreed with each other. One of them rowed out at high "
    "water and the other two hours later. Both reported faithfully what they saw.",
    "Another explanation is that the glow attracts the shore moth *Noctua marella*, which lays its eggs on the "
    "falling tide [7]. We saw moths on only nine nights, too few to test this. Traps will be set in the coming "
    "season.",
    "For the proverb, the delay hardly matters. A wall that turns green two hours after high water still tells a "
    "crew that the flood is in and the ebb has begun, which is what a crew wants to know before casting off. It may "
    "well be that the proverb has kept what was useful and dropped what was exact.",
    "Our plots were few and our season was mild. The second peak on Hollow Skerry deserves a study of its own. We "
    "also do not know what happens in winter, when the skerries cannot be reached and the lichen, according to the "
    "keeper of the light at Little Tern, “goes to sleep like everybody else”.",
]
CONCLUSION = [
    "The tide lichen is a clock of the sea, and it runs two hours slow. Anyone who wants to read it should choose a "
    "wet night at spring tide, land on Hollow Skerry and look at the middle belt.",
]
THANKS = [
    "We thank the crew of the launch *Dabchick* for 112 landings without a wet notebook, and the Quillmere Field Club, "
    "which paid for the photometer.",
]
REFERENCES = [
    "A. Brightwater and S. Oum. A key to the crust lichens of the outer isles. *Annals of the Quillmere Field Club* 31 "
    "(1998), 5–62.",
    "P. Dray. *Sayings of the Slipway.* Net Loft Press, Brannet, 1911.",
    "I. Corvander. Felt hoods for field photometers. *Littoral Notes* 9 (2021), 12–15.",
    "L. Hask and I. Corvander. Uptake of salt by lichen crusts. *Littoral Notes* 10 (2022), 77–89.",
    "R. Mirrelees. Tides of the southern skerries, 1950–2000. Harbour Office of Osse, 2002.",
    "D. Okonmere and T. Vey. Four nights with the green wall. *Annals of the Quillmere Field Club* 19 (1974), 101–104.",
    "F. Pellory. The shore moth and its calendar. *Moth and Candle* 3 (2016), 40–51.",
    "B. Teasel. Slate, gabbro and the drying of crusts. *Littoral Notes* 11 (2023), 3–20.",
]
