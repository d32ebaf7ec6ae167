from oss_faces.analysis.analyser import Analyser, AttributeAnalyser, by_area
from oss_faces.analysis.fixed import FixedAnalyser
from oss_faces.analysis.settings import ATTRIBUTES, AnalysisSettings

__all__ = ["ATTRIBUTES", "Analyser", "AnalysisSettings", "AttributeAnalyser", "FixedAnalyser", "by_area"]
