"""Release: from published platform packages to wheels that may be uploaded.

Read `platforms` first: one table says which wheels there are. `packages` reads what OpenAI
publishes on npm, `npm` fetches it; `staging` writes complete package folders, `building` turns one
into a wheel or an sdist, and `stage` does all of it for all platforms. `checking` is the judge: it
trusts nothing of the above, and compares what lies in `dist/` with the sources once more.
"""
