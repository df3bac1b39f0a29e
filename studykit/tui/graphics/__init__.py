"""Pictures in terminals that can show them: display formulas, and images beside a deck.

What draws is optional (`studykit[pictures]`, 15 MB with Pillow, of use only in some terminals) and is loaded
when the first picture is to be drawn. Nothing here asks the terminal anything: Textual reads its answers.
"""
